import Bootstrap
import Collectives
import Testing

@Suite("Who am I")
struct IdentityTests {
  private func find(_ environment: [String: String], manager: (rank: Int, size: Int)? = nil) throws -> Identity {
    try LauncherVariables(environment).identity { manager }
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
    let environment = ["SLURM_PROCID": "1", "SLURM_NTASKS": "4", "SLURM_STEP_ID": "0", "PMIX_RANK": "0"]
    let alone = Identity(rank: 0, size: 1, source: .processManager)
    for (expected, variables) in [(nil, environment), (2, [:])] as [(Int?, [String: String])] {
      let error = #expect(throws: GroupError.self) { try LauncherVariables(variables).check(alone, expected: expected) }
      #expect(error?.exitStatus == 78)
    }
    try LauncherVariables([:]).check(alone, expected: 1)
  }

  /// What each launcher sets for the second of two processes, by its manual.
  private static let foreign: [[String: String]] = [
    ["PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALRANKID": "1", "MPI_LOCALNRANKS": "2", "PMI_FD": "9"],
    ["MPI_LOCALRANKID": "1", "MPI_LOCALNRANKS": "2", "PMI_PORT": "node1:4711", "PMI_ID": "1"],
    ["PMI_PORT": "node1:4711", "PMI_ID": "0"], ["PMI_FD": "9"], ["PMI_RANK": "1"],
    ["MV2_COMM_WORLD_RANK": "1", "MV2_COMM_WORLD_SIZE": "2"], ["MVP_COMM_WORLD_RANK": "1", "MVP_COMM_WORLD_SIZE": "2"],
    ["SLURM_PROCID": "1", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2"],
    ["SLURM_PROCID": "1", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "2"],
    ["PALS_RANKID": "1", "PALS_LOCAL_SIZE": "2"], ["PALS_RANKID": "0"], ["ALPS_APP_PE": "0"],
    ["FLUX_TASK_RANK": "1", "FLUX_JOB_SIZE": "2"], ["FLUX_TASK_RANK": "1"],
    ["JSM_NAMESPACE_RANK": "1", "JSM_NAMESPACE_SIZE": "2"], ["HOROVOD_RANK": "1", "HOROVOD_SIZE": "2"],
    ["RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"],
    ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "PMIX_RANK": "1"],
    ["PMIX_RANK": "1", "PMIX_NAMESPACE": "prterun-1"],
    // One variable of several, as scripts hand them on.
    ["WORLD_SIZE": "4"], ["LOCAL_RANK": "1"], ["TORCHELASTIC_RUN_ID": "x", "LOCAL_WORLD_SIZE": "2"],
    ["JAX_NUM_PROCESSES": "2", "JAX_PROCESS_ID": "0"], ["JAX_PROCESS_ID": "1"],
    // A launcher within a launcher.
    ["SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "1", "PMI_RANK": "1", "PMI_SIZE": "2"],
    ["SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "1", "MPI_LOCALNRANKS": "2", "PMI_PORT": "node1:1"],
  ]

  @Test("one of two processes of a launcher without PMIx never trains alone: status 78", arguments: foreign)
  func withoutProcessManager(environment: [String: String]) throws {
    let error = #expect(throws: GroupError.self) {
      let identity = try find(environment)
      try LauncherVariables(environment).check(identity, expected: nil)
    }
    #expect(error?.exitStatus == 78)
    #expect(error?.description.contains("start with lockstep launch") == true, "\(error?.description ?? "")")
  }

  @Test("two processes of MPICH's mpirun are told what they are and that nobody joins them")
  func words() throws {
    let environment = ["PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALNRANKS": "2"]
    let identity = try find(environment)
    #expect(identity == Identity(rank: 1, size: 2, source: .processManagerInterface))
    let error = #expect(throws: GroupError.self) { try LauncherVariables(environment).check(identity, expected: nil) }
    #expect(
      error?.description
        == "the job is not laid out as it should be: PMI_SIZE says 2 ranks, but there is no process manager that speaks"
        + " PMIx; start with lockstep launch, Open MPI's mpirun or srun --mpi=pmix, or set LOCKSTEP_RENDEZVOUS and LOCKSTEP_SECRET_FILE"
    )
  }

  @Test(
    "a process that its launcher started alone trains alone, and so does one that LOCKSTEP_SIZE says is alone",
    arguments: [
      [:], ["PMI_RANK": "0", "PMI_SIZE": "1", "MPI_LOCALNRANKS": "1", "PMI_FD": "9"],
      ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1", "PMIX_RANK": "0"], ["RANK": "0", "WORLD_SIZE": "1"],
      ["SLURM_PROCID": "0", "SLURM_NTASKS": "4"],
      // A shell that salloc opened is a step of one task.
      ["SLURM_PROCID": "0", "SLURM_NTASKS": "4", "SLURM_STEP_ID": "4294967290", "SLURM_STEP_NUM_TASKS": "1"],
      ["LOCKSTEP_RANK": "0", "LOCKSTEP_SIZE": "1", "PMI_RANK": "1", "PMI_SIZE": "2"],
      ["RANK": "general", "WORLD_SIZE": "large"], ["WORLD_SIZE": "1"], ["LOCAL_RANK": "0"],
      ["TORCHELASTIC_RUN_ID": "x"], ["JAX_NUM_PROCESSES": "1"], ["LOCAL_RANK": "-1"],
    ])
  func alone(environment: [String: String]) throws {
    let identity = try find(environment)
    #expect((identity.rank, identity.size) == (0, 1))
    try LauncherVariables(environment).check(identity, expected: nil)
  }

  @Test("ranks of any launcher take part where LOCKSTEP_RENDEZVOUS says where they meet")
  func ownRendezvous() throws {
    let environment = [
      "FLUX_TASK_RANK": "3", "FLUX_JOB_SIZE": "4", "LOCKSTEP_RENDEZVOUS": "node1:4711",
      "LOCKSTEP_SECRET_FILE": "/secret",
    ]
    let identity = try find(environment)
    #expect(identity == Identity(rank: 3, size: 4, source: .flux))
    try LauncherVariables(environment).check(identity, expected: nil)
  }
}
