import Foundation

/// What this process's launcher says about it.
package struct Identity: Equatable {
  /// Who said so, in the order in which they are asked.
  package enum Source: String {
    case environment = "LOCKSTEP_RANK"
    case processManager = "PMIx"
    case openMPI = "OMPI_COMM_WORLD_RANK"
    case slurm = "SLURM_PROCID"
    case alone = "no launcher"
  }

  package var rank: Int
  package var size: Int
  package var source: Source

  package init(rank: Int, size: Int, source: Source) {
    self.rank = rank
    self.size = size
    self.source = source
  }

  /// Asks the environment; `processManager` answers for PMIx and is asked only if its variables are there.
  package static func find(
    in environment: [String: String], processManager: () throws -> (rank: Int, size: Int)?
  ) throws -> Identity {
    func pair(_ rank: String, _ size: String, _ source: Source) throws -> Identity? {
      guard let rankText = environment[rank], let sizeText = environment[size] else { return nil }
      guard let rank = Int(rankText), let size = Int(sizeText), size > 0, 0..<size ~= rank, size < Int(UInt16.max)
      else {
        throw GroupError.layout(
          reason: "\(source.rawValue) says rank \(rankText) of \(sizeText)", advice: "set both, with rank below size")
      }
      return Identity(rank: rank, size: size, source: source)
    }
    if let found = try pair("LOCKSTEP_RANK", "LOCKSTEP_SIZE", .environment) { return found }
    if environment["PMIX_RANK"] != nil, let (rank, size) = try processManager() {
      return Identity(rank: rank, size: size, source: .processManager)
    }
    if let found = try pair("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", .openMPI) { return found }
    if let found = try pair("SLURM_PROCID", "SLURM_NTASKS", .slurm), environment["SLURM_STEP_ID"] != nil {
      return found
    }
    return Identity(rank: 0, size: 1, source: .alone)
  }

  /// Refuses a process that believes to be alone but was started as one of many, before it touches any file.
  package func check(expected: Int?, in environment: [String: String]) throws {
    if let expected, expected != size {
      throw GroupError.layout(
        reason: "\(source.rawValue) says \(size) ranks, \(expected) are expected",
        advice: "start as many ranks as the launch asks for")
    }
    let tasks = environment["SLURM_NTASKS"].flatMap(Int.init) ?? 1
    if size == 1, tasks > 1, environment["SLURM_STEP_ID"] != nil, source != .environment {
      throw GroupError.layout(
        reason: "Slurm started \(tasks) tasks but each believes to be alone", advice: "start with srun --mpi=pmix")
    }
  }
}
