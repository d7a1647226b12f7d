import Bootstrap
import Foundation

/// What starts the ranks.
public enum Launcher: String, CaseIterable, Sendable {
  /// Open MPI's mpirun, on this machine or on many.
  case mpirun
  /// Slurm's srun, inside an allocation.
  case srun
  /// This program itself, on this machine alone, without MPI.
  case local
}

/// How changes of bytes on the way between ranks are noticed where they are not encrypted.
public enum Integrity: String, CaseIterable, Sendable {
  /// By a tag that only the two ranks can make.
  case authenticated
  /// By a checksum: accidents alone.
  case checksum
}

/// What is to be started, by whom and where.
public struct LaunchRequest: Sendable {
  public var launcher: Launcher
  /// The ranks wanted.
  public var ranks: Int
  /// The fewest ranks that a restart may go on with.
  public var minimumRanks = 1
  /// The hosts; empty for this machine, or for those that Slurm allocated.
  public var hosts: [ClusterHost] = []
  /// The network that launcher and ranks talk over: an interface, or a subnet such as 10.0.0.0/24. The launcher chooses by default.
  public var interface: String?
  /// What ranks do about changes of bytes on the way that are not encrypted: `authenticated`, which is the default, or `checksum`.
  public var integrity: Integrity?
  /// Variables of this process that the ranks on other hosts get too.
  public var exports: [String] = []
  /// The program that runs a command on another host, called with the host and the command; ssh by default.
  public var agent: String?
  /// The absolute path of the program of the ranks.
  public var program: String
  /// Its arguments.
  public var arguments: [String]

  public init(launcher: Launcher, ranks: Int, program: String, arguments: [String]) {
    self.launcher = launcher
    self.ranks = ranks
    self.program = program
    self.arguments = arguments
  }

  /// The ranks on these of its hosts, as many as wanted or as fit.
  public func placement(on hosts: [ClusterHost]) -> Placement {
    Placement(ranks: ranks, on: self.hosts.isEmpty ? [ClusterHost(name: "localhost", slots: ranks)] : hosts)
  }

  /// Refuses what could never start.
  public func check() throws(LaunchError) {
    guard ranks > 0, ranks < Int(UInt16.max) else {
      throw LaunchError(
        "--ranks \(ranks) is \(ranks > 0 ? "more than a job may have" : "not above 0")",
        advice: "give a number from 1 to \(UInt16.max - 1)")
    }
    guard 1...ranks ~= minimumRanks else {
      throw LaunchError("--min-ranks \(minimumRanks): is not from 1 to \(ranks)", advice: "give at most --ranks")
    }
    let slots = hosts.reduce(0) { $0 + $1.slots }
    guard hosts.isEmpty || slots >= ranks else {
      throw LaunchError(
        "the hosts offer \(slots) slots, and \(ranks) ranks are asked for",
        advice: "add hosts or slots to the file, or ask for fewer ranks")
    }
    if launcher == .local, let other = hosts.first(where: { !$0.isLocal }) {
      throw LaunchError("\(other.name) is another machine", advice: "use --launcher mpirun or srun")
    }
  }
}

/// What one start of the ranks adds to a request.
public struct LaunchSituation: Sendable {
  public var placement: Placement
  /// Counts the starts, from 0: ranks of an earlier one are turned away.
  public var epoch: Int
  /// The folder for the launcher's own temporary files.
  public var temporaryFolder: String
  /// The folder that relative paths start from.
  public var workingDirectory: String
  /// Whether the user may start programs only with an explicit permission, as Open MPI has it for root.
  public var isSuperuser: Bool
  /// This process's variables.
  public var environment: [String: String]
  /// Where the job's secret lies on every host, if the launch has left one there.
  public var secretFile: String?

  public init(
    placement: Placement, epoch: Int, temporaryFolder: String, workingDirectory: String, isSuperuser: Bool,
    environment: [String: String], secretFile: String? = nil
  ) {
    self.placement = placement
    self.epoch = epoch
    self.temporaryFolder = temporaryFolder
    self.workingDirectory = workingDirectory
    self.isSuperuser = isSuperuser
    self.environment = environment
    self.secretFile = secretFile
  }
}

extension LaunchRequest {
  /// The variable that says to a rank how often its run was started again.
  package static let restartsVariable = "LOCKSTEP_RESTARTS"

  /// How often the supervisor of this process, if it has one, has started the run again.
  package static var restartsSoFar: Int {
    ProcessInfo.processInfo.environment[restartsVariable].flatMap(Int.init) ?? 0
  }

  /// Whether a supervisor started this process.
  package static var isSupervised: Bool { ProcessInfo.processInfo.environment[restartsVariable] != nil }

  /// The commands that start all ranks: one for a launcher, one a rank where this program is the launcher.
  public func commandLines(_ arguments: [String], in situation: LaunchSituation) -> [CommandLine] {
    switch launcher {
    case .mpirun: [mpirun(arguments, situation)]
    case .srun: [srun(arguments, situation)]
    case .local: (0..<situation.placement.ranks).map { local($0, arguments, situation) }
    }
  }

  private func local(_ rank: Int, _ arguments: [String], _ situation: LaunchSituation) -> CommandLine {
    let size = "\(situation.placement.ranks)"
    let job = [
      JobEnvironment.rank: "\(rank)", JobEnvironment.size: size, JobEnvironment.localSize: size,
      JobEnvironment.rendezvous: "file:\(situation.temporaryFolder)/rendezvous",
      JobEnvironment.secretFile: NamelessSecret.path,
    ]
    return CommandLine(program, arguments, environment: attempt(situation).merging(job) { $1 })
  }

  /// Seconds after which mpirun gives up hosts that were entered but do not report back.
  private static let startTimeout = 120

  private func attempt(_ situation: LaunchSituation) -> [String: String] {
    var variables = [JobEnvironment.epoch: "\(situation.epoch)", Self.restartsVariable: "\(situation.epoch)"]
    variables[JobEnvironment.weights] = situation.placement.weights
    variables[JobEnvironment.interface] = interface
    variables[JobEnvironment.integrity] = integrity?.rawValue
    variables[JobEnvironment.secretFile] = situation.secretFile
    return variables
  }

  /// Ranks that wait do not poll (they do not wait inside MPI), so they need neither a core of their own nor binding, which would
  /// tie all threads of a rank to one core.
  private func mpirun(_ arguments: [String], _ situation: LaunchSituation) -> CommandLine {
    var words = ["--quiet", "-n", "\(situation.placement.ranks)", "--host", situation.placement.text]
    words += ["--map-by", "slot", "--bind-to", "none", "--wdir", situation.workingDirectory]
    words += ["--mca", "orte_tmpdir_base", situation.temporaryFolder]
    if let interface { words += ["--mca", "oob_tcp_if_include", interface, "--mca", "btl_tcp_if_include", interface] }
    if let agent { words += ["--mca", "plm_rsh_agent", agent] }
    if !situation.placement.isLocal {
      if agent == nil { words += ["--mca", "plm_rsh_args", "-o BatchMode=yes -o ConnectTimeout=10"] }
      words += ["--mca", "orte_startup_timeout", "\(Self.startTimeout)"]
      if keepsDomains(situation) { words += ["--mca", "orte_keep_fqdn_hostnames", "1"] }
      words += exported(situation).flatMap { ["-x", $0] }
    }
    words += attempt(situation).sorted { $0.key < $1.key }.flatMap { ["-x", "\($0.key)=\($0.value)"] }
    if situation.isSuperuser { words.append("--allow-run-as-root") }
    // Open MPI 5 reads its own spelling, and passes over the other.
    let domains = keepsDomains(situation) ? ["PRTE_MCA_prte_keep_fqdn_hostnames": "1"] : [:]
    return CommandLine("mpirun", words + [program] + arguments, environment: domains)
  }

  /// Whether hosts have names with domains. mpirun cuts them at the first dot by default: it would enter hosts that nobody
  /// named, and take those of one first label for one host.
  private func keepsDomains(_ situation: LaunchSituation) -> Bool {
    situation.placement.parts.contains { !$0.host.isLocal && $0.host.name.contains(".") && !$0.host.isAddress }
  }

  /// What ranks on other hosts need to know of this process's environment; Open MPI hands on nothing by itself.
  private func exported(_ situation: LaunchSituation) -> [String] {
    let own = situation.environment.keys.filter { $0.hasPrefix("LOCKSTEP_") || $0 == "LD_LIBRARY_PATH" }
    return Set(own).union(exports).subtracting(attempt(situation).keys).sorted()
  }

  /// srun hands on the whole environment. It waits for the other ranks to say what they know before it ends them.
  private func srun(_ arguments: [String], _ situation: LaunchSituation) -> CommandLine {
    var words = ["--mpi=pmix", "--ntasks=\(situation.placement.ranks)", "--distribution=block", "--cpu-bind=none"]
    words += ["--kill-on-bad-exit=0", "--wait=30", "--chdir=\(situation.workingDirectory)"]
    if !hosts.isEmpty {
      let names = situation.placement.parts.map(\.host.name)
      words += ["--nodes=\(names.count)", "--nodelist=\(names.joined(separator: ","))"]
    }
    return CommandLine("srun", words + [program] + arguments, environment: attempt(situation))
  }
}
