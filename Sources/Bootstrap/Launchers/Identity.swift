import Collectives
import Foundation

/// What this process's launcher says about it.
package struct Identity: Equatable {
  /// Who said so, by the variable with this process's rank; in the order in which they are asked.
  package enum Source: String, CaseIterable {
    case environment = "LOCKSTEP_RANK"
    case processManager = "PMIX_RANK"
    case openMPI = "OMPI_COMM_WORLD_RANK"
    /// MPICH's and Intel's mpirun, Flux, PALS, and srun --mpi=pmi2.
    case processManagerInterface = "PMI_RANK"
    case mvapich2 = "MV2_COMM_WORLD_RANK"
    case mvapich = "MVP_COMM_WORLD_RANK"
    case jsrun = "JSM_NAMESPACE_RANK"
    case flux = "FLUX_TASK_RANK"
    case pals = "PALS_RANKID"
    case aprun = "ALPS_APP_PE"
    case horovod = "HOROVOD_RANK"
    case slurm = "SLURM_PROCID"
    /// torchrun, and what imitates it.
    case torchrun = "RANK"
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
  /// - Throws: `GroupError.layout` where a launcher started this process as one of many, or of an unknown number, and does not
  ///   say which.
  package static func find(
    in environment: [String: String], processManager: () throws -> (rank: Int, size: Int)?
  ) throws -> Identity {
    let variables = LauncherVariables(environment)
    if let found = try variables.identity(by: .environment) { return found }
    if variables.has(.processManager), let (rank, size) = try processManager() {
      return Identity(rank: rank, size: size, source: .processManager)
    }
    let found = try Source.allCases.dropFirst().compactMap { try variables.identity(by: $0) }
    if let one = found.first(where: { $0.size > 1 }) { return one }
    if let problem = variables.problem(isSizeKnown: !found.isEmpty) { throw problem }
    return found.first ?? Identity(rank: 0, size: 1, source: .alone)
  }

  /// Refuses, before it touches any file, a process that believes to be alone but was started as one of many, and one of many
  /// that nobody would join with the others.
  package func check(expected: Int?, in environment: [String: String]) throws {
    if let expected, expected != size {
      throw GroupError.layout(
        reason: "\(source.rawValue) says \(size) ranks, \(expected) are expected",
        advice: "start as many ranks as the launch asks for")
    }
    if size > 1 {
      guard source != .processManager, environment[JobEnvironment.rendezvous] == nil else { return }
      throw GroupError.layout(
        reason:
          "\(source.sizeVariables.first ?? source.rawValue) says \(size) ranks, but there is no process manager that"
          + " speaks PMIx", advice: LauncherVariables.advice)
    }
    guard source != .environment else { return }
    let variables = LauncherVariables(environment)
    for other in Source.allCases where other != .environment {
      guard let many = try variables.identity(by: other), many.size > 1 else { continue }
      throw GroupError.layout(
        reason: "\(other.starter) started \(many.size) processes but each believes to be alone",
        advice: LauncherVariables.advice)
    }
  }
}
