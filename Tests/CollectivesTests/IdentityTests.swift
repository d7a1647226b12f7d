import Collectives
import Testing

@Suite("Who am I")
struct IdentityTests {
  private func find(_ environment: [String: String], manager: (rank: Int, size: Int)? = nil) throws -> Identity {
    try Identity.find(in: environment) { manager }
  }

  @Test("our own variables come first, then the process manager, Open MPI's and Slurm's; alone without any")
  func order() throws {
    var environment = [
      "LOCKSTEP_RANK": "1", "LOCKSTEP_SIZE": "2", "PMIX_RANK": "3", "OMPI_COMM_WORLD_RANK": "4",
      "OMPI_COMM_WORLD_SIZE": "9", "SLURM_PROCID": "5", "SLURM_NTASKS": "10", "SLURM_STEP_ID": "0",
    ]
    #expect(try find(environment, manager: (3, 8)) == Identity(rank: 1, size: 2, source: .environment))
    environment["LOCKSTEP_RANK"] = nil
    #expect(try find(environment, manager: (3, 8)) == Identity(rank: 3, size: 8, source: .processManager))
    #expect(try find(environment) == Identity(rank: 4, size: 9, source: .openMPI))
    environment["OMPI_COMM_WORLD_RANK"] = nil
    #expect(try find(environment) == Identity(rank: 5, size: 10, source: .slurm))
    #expect(try find([:], manager: (3, 8)) == Identity(rank: 0, size: 1, source: .alone))
  }

  @Test("nonsense is refused", arguments: [("2", "2"), ("-1", "2"), ("0", "0"), ("x", "2"), ("0", "70000")])
  func nonsense(rank: String, size: String) {
    #expect(throws: GroupError.self) { try find(["LOCKSTEP_RANK": rank, "LOCKSTEP_SIZE": size]) }
  }

  @Test("a process that believes to be alone among many is refused with status 78")
  func silentSingleton() throws {
    let environment = ["SLURM_NTASKS": "4", "SLURM_STEP_ID": "0", "PMIX_RANK": "0"]
    let alone = Identity(rank: 0, size: 1, source: .processManager)
    for (expected, variables) in [(nil, environment), (2, [:])] as [(Int?, [String: String])] {
      let error = #expect(throws: GroupError.self) { try alone.check(expected: expected, in: variables) }
      #expect(error?.exitStatus == 78)
    }
    try alone.check(expected: 1, in: [:])
  }
}
