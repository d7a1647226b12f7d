import Collectives

/// The variables by which launchers tell a process which of how many it is.
struct LauncherVariables {
  let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// What to do where a launcher of another kind started the ranks.
  static let advice =
    "start with lockstep launch, Open MPI's mpirun or srun --mpi=pmix, or set \(JobEnvironment.rendezvous) and"
    + " \(JobEnvironment.secretFile)"

  /// Variables that no other program sets, with the number of ranks or of those on this host.
  private static let localSizes = [
    "PMI_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MV2_COMM_WORLD_LOCAL_SIZE",
    "MVP_COMM_WORLD_LOCAL_SIZE", "JSM_NAMESPACE_LOCAL_SIZE", "PALS_LOCAL_SIZE", "HOROVOD_LOCAL_SIZE",
  ]

  /// Connections to a launcher that says the rest over them.
  private static let connections = ["PMI_FD", "PMI_PORT"]

  func has(_ source: Identity.Source) -> Bool { environment[source.rawValue] != nil }

  /// What one launcher says; nil where its variables are not there.
  /// - Throws: `GroupError.layout` where they make no sense.
  func identity(by source: Identity.Source) throws(GroupError) -> Identity? {
    guard let rankText = environment[source.rawValue],
      let (name, sizeText) = source.sizeVariables.lazy.compactMap({ name in environment[name].map { (name, $0) } })
        .first
    else { return nil }
    // The batch script of an allocation has the variables too, and is no task.
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
  func problem(isSizeKnown: Bool) -> GroupError? {
    for name in Self.localSizes {
      guard let count = environment[name].flatMap(Int.init), count > 1 else { continue }
      return .layout(
        reason: "\(name) says \(count) ranks, but there is no process manager that speaks PMIx", advice: Self.advice)
    }
    if isSizeKnown { return nil }
    if let problem = partialProblem { return problem }
    if let source = Identity.Source.allCases.first(where: { $0.isSpecific && has($0) }) {
      let silence = source == .processManager ? "no process manager answers" : "nothing says how many ranks there are"
      return traceProblem(source.rawValue, of: source.starter, silence)
    }
    guard let name = Self.connections.first(where: { environment[$0] != nil }) else { return nil }
    return traceProblem(
      name, of: Identity.Source.processManagerInterface.starter, "nothing says how many ranks there are")
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

extension Identity.Source {
  /// The variables with the number of ranks, the first that is set counts.
  var sizeVariables: [String] {
    switch self {
    case .environment: ["LOCKSTEP_SIZE"]
    case .openMPI: ["OMPI_COMM_WORLD_SIZE"]
    case .processManagerInterface: ["PMI_SIZE"]
    case .mvapich2: ["MV2_COMM_WORLD_SIZE"]
    case .mvapich: ["MVP_COMM_WORLD_SIZE"]
    case .jsrun: ["JSM_NAMESPACE_SIZE"]
    case .flux: ["FLUX_JOB_SIZE"]
    case .pals: ["PALS_SIZE", "PMI_SIZE"]
    case .horovod: ["HOROVOD_SIZE"]
    case .slurm: ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "SLURM_NPROCS"]
    case .torchrun: ["WORLD_SIZE"]
    case .processManager, .aprun, .alone: []
    }
  }

  /// Whether nothing but this launcher sets its variable, so that the variable alone says that it started the process.
  var isSpecific: Bool { self != .environment && self != .slurm && self != .torchrun && self != .alone }

  /// What set the variables, in words.
  var starter: String {
    switch self {
    case .environment: "the environment"
    case .processManager: "a launcher with PMIx"
    case .openMPI: "Open MPI"
    case .processManagerInterface: "MPICH's or Intel's mpirun"
    case .mvapich2, .mvapich: "MVAPICH"
    case .jsrun: "jsrun"
    case .flux: "Flux"
    case .pals: "PALS"
    case .aprun: "aprun"
    case .horovod: "horovodrun"
    case .slurm: "Slurm"
    case .torchrun: "torchrun"
    case .alone: "nothing"
    }
  }
}
