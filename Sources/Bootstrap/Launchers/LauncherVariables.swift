import Collectives

/// The variables by which launchers let a process know which of how many it is.
package struct LauncherVariables {
  private let environment: [String: String]

  package init(_ environment: [String: String]) { self.environment = environment }

  /// What to do where a launcher of another kind started the ranks.
  private static let advice =
    "start with lockstep launch, Open MPI's mpirun or srun --mpi=pmix, or set \(JobEnvironment.rendezvous) and"
    + " \(JobEnvironment.secretFile)"

  /// Variables that no other program sets, with the number of ranks or of those on this host.
  private static let localSizes = [
    "PMI_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MV2_COMM_WORLD_LOCAL_SIZE",
    "MVP_COMM_WORLD_LOCAL_SIZE", "JSM_NAMESPACE_LOCAL_SIZE", "PALS_LOCAL_SIZE", "HOROVOD_LOCAL_SIZE",
  ]

  /// Connections to a launcher that says the rest over them.
  private static let connections = ["PMI_FD", "PMI_PORT"]

  /// Asks all launchers in their order; `processManager` answers for PMIx and is asked only if its variables are there.
  /// - Throws: `GroupError.layout` where a launcher started this process as one of many, or of an unknown number, and does not
  ///   say which.
  package func identity(processManager: () throws -> (rank: Int, size: Int)?) throws -> Identity {
    if let found = try identity(by: .environment) { return found }
    if has(.processManager), let (rank, size) = try processManager() {
      return Identity(rank: rank, size: size, source: .processManager)
    }
    let found = try IdentitySource.allCases.dropFirst().compactMap { try self.identity(by: $0) }
    if let one = found.first(where: { $0.size > 1 }) { return one }
    if let problem = self.problem(isSizeKnown: !found.isEmpty) { throw problem }
    return found.first ?? Identity(rank: 0, size: 1, source: .alone)
  }

  /// Refuses, before it touches any file, a process that believes to be alone but was started as one of many, and one of many
  /// that nobody would join with the others.
  package func check(_ identity: Identity, expected: Int?) throws {
    let (size, source) = (identity.size, identity.source)
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
          + " speaks PMIx", advice: Self.advice)
    }
    guard source != .environment else { return }
    for other in IdentitySource.allCases where other != .environment {
      guard let many = try self.identity(by: other), many.size > 1 else { continue }
      throw GroupError.layout(
        reason: "\(other.starter) started \(many.size) processes but each believes to be alone",
        advice: Self.advice)
    }
  }

  private func has(_ source: IdentitySource) -> Bool { environment[source.rawValue] != nil }

  /// What one launcher says; nil where its variables are not there.
  /// - Throws: `GroupError.layout` where they make no sense.
  private func identity(by source: IdentitySource) throws(GroupError) -> Identity? {
    guard let rankText = environment[source.rawValue],
      let (name, sizeText) = source.sizeVariables.lazy.compactMap({ name in environment[name].map { (name, $0) } })
        .first
    else { return nil }
    // The batch script of an allocation has the variables too, and is not a task.
    if source == .slurm, environment["SLURM_STEP_ID"] == nil { return nil }
    guard let rank = Int(rankText), let size = Int(sizeText), size > 0, 0..<size ~= rank, size < Int(UInt16.max) else {
      // Programs of many kinds have a variable of that name.
      if source == .torchrun { return nil }
      throw .layout(
        reason: "\(source.rawValue) says rank \(rankText), and \(name) says \(sizeText) ranks",
        advice: "set both, with rank below size")
    }
    return Identity(rank: rank, size: size, source: source)
  }

  /// Why this process must not train alone, where a launcher has left a trace of itself that does not say 1.
  /// - Parameter isSizeKnown: whether another variable says how many ranks there are.
  private func problem(isSizeKnown: Bool) -> GroupError? {
    for name in Self.localSizes {
      guard let count = environment[name].flatMap(Int.init), count > 1 else { continue }
      return .layout(
        reason: "\(name) says \(count) ranks, but there is no process manager that speaks PMIx", advice: Self.advice)
    }
    if isSizeKnown { return nil }
    if let problem = partialProblem { return problem }
    if let source = IdentitySource.allCases.first(where: { $0.isSpecific && has($0) }) {
      let silence = source == .processManager ? "no process manager answers" : "nothing says how many ranks there are"
      return traceProblem(source.rawValue, of: source.starter, silence)
    }
    guard let name = Self.connections.first(where: { environment[$0] != nil }) else { return nil }
    return traceProblem(
      name, of: IdentitySource.processManagerInterface.starter, "nothing says how many ranks there are")
  }

  /// What other trainers' launchers say by themselves, each with the least number of processes that a value stands for.
  private static let partial: [(name: String, least: @Sendable (Int) -> Int)] = [
    ("WORLD_SIZE", { $0 }), ("LOCAL_WORLD_SIZE", { $0 }), ("JAX_NUM_PROCESSES", { $0 }), ("JAX_PROCESS_COUNT", { $0 }),
    ("LOCAL_RANK", { $0 + 1 }), ("GROUP_WORLD_SIZE", { $0 }), ("GROUP_RANK", { $0 + 1 }),
    ("JAX_PROCESS_ID", { $0 + 1 }),
  ]

  /// A variable that speaks of several processes, where the others that belong to it are missing.
  private var partialProblem: GroupError? {
    for (name, least) in Self.partial {
      guard let text = environment[name], let value = Int(text), 0..<Int(UInt16.max) ~= value, least(value) > 1 else {
        continue
      }
      return .layout(
        reason: "\(name) is \(text), so there are \(least(value)) processes or more, and each would train alone",
        advice: "\(Self.advice); unset \(name) for a process alone")
    }
    return nil
  }

  private func traceProblem(_ name: String, of starter: String, _ silence: String) -> GroupError {
    .layout(
      reason: "\(starter) started this process (\(name) is set), and \(silence)",
      advice: "\(Self.advice); unset \(name) for a process alone")
  }
}
