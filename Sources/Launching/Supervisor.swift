import Bootstrap
import Checkpoints
import Foundation
import Glibc

/// Starts the ranks of a run, and starts them again from the last commit until the run is complete or nothing helps.
///
/// It never waits without a deadline for anything but a healthy run: a launcher that does not end after a rank has failed, or after a
/// stop was requested, is killed, and nothing of a start is left on this machine when the next one begins.
public final class Supervisor {
  /// How long the supervisor waits, in seconds.
  public struct Patience: Sendable {
    /// For the ranks to commit and end after a stop was requested.
    public var stop = 300.0
    /// For all to end after the first one said what went wrong.
    public var failure = 15.0

    public init() {}
  }

  private let request: LaunchRequest
  private let policy: RestartPolicy
  private let patience: Patience
  private let arguments: TrainArguments
  private let evidence: RunEvidence
  private var remains: Remains
  private let environment: [String: String]
  private let report: (String) -> Void

  /// Open while it runs.
  private var history: History?
  private var attempts: [RestartPolicy.Attempt] = []
  /// A host that the last verdict found silent: it may answer, but not to the other ranks, so the next start does without.
  private var suspect: ClusterHost?
  /// The commits that were there before this launch: not its own.
  private let foreign: Set<FileIdentity>
  /// The newest step that this launch committed.
  private var newestStep: Int?

  /// - Parameter report: takes the lines that say what happens.
  public init(
    _ request: LaunchRequest, policy: RestartPolicy = RestartPolicy(), patience: Patience = Patience(),
    report: @escaping (String) -> Void
  ) throws(LaunchError) {
    try request.check()
    self.request = request
    self.policy = policy
    self.patience = patience
    self.report = report
    arguments = try TrainArguments(request.arguments)
    evidence = RunEvidence(output: arguments.output)
    foreign = Set(evidence.commits.keys)
    let output = URL(filePath: arguments.output).standardizedFileURL.resolvingSymlinksInPath().path
    let own = ProcessInfo.processInfo.environment
    environment = own.merging([Remains.variable: output]) { $1 }
    let isHandedOn = request.launcher == .mpirun && request.hosts.contains { !$0.isLocal }
    remains = Remains(output: output, environment: own, isHandedOn: isHandedOn)
  }

  /// The commands of the first start, one a line, for a user to read.
  public var firstCommand: String {
    let commands = request.commandLines(arguments.words, in: situation(on: request.placement(on: request.hosts)))
    return commands.map(\.shellText).joined(separator: "\n")
  }

  /// Runs to the end.
  /// - Returns: the status to exit with: 0 when the run is complete, 85 when it was stopped, else why it could not go on.
  public func run() throws -> Int32 {
    StopRequest.catchSignals()
    history = try History(output: arguments.output)
    let lock = try FolderLock(arguments.output, as: .launch)
    defer { withExtendedLifetime(lock) {} }
    try FolderLock.check(arguments.output, as: .train)
    if let reason = lock.unavailable {
      report("\(arguments.output) cannot be locked (\(reason)); start no second run there")
    }
    // An earlier launch of this run that was killed may have left its secret on hosts that this one does not use.
    if request.launcher == .mpirun { clear(request.hosts) }
    defer { remains.clear() }
    while true {
      let hosts = try answeringHosts()
      let placement = request.placement(on: hosts)
      let ending: Ending
      if placement.ranks < request.minimumRanks {
        ending = .failed(reason: "too few hosts answer for \(request.minimumRanks) ranks", verdict: nil)
        attempts.append(RestartPolicy.Attempt(ending, isProgress: false))
      } else {
        ending = try start(placement)
      }
      let decision = policy.decision(after: attempts, isStopRequested: StopRequest.isRequested)
      if let status = act(on: decision, after: ending) { return status }
    }
  }

  private var epoch: Int { attempts.count }

  private func situation(on placement: Placement) -> LaunchSituation {
    LaunchSituation(
      placement: placement, epoch: epoch, temporaryFolder: remains.temporaryFolder,
      workingDirectory: FileManager.default.currentDirectoryPath, isSuperuser: geteuid() == 0,
      environment: environment, secretFile: delivery(to: placement)?.path)
  }

  /// How the ranks of several hosts get their secret; nil where it does not leave this machine, or where the launcher has no way
  /// to the hosts but its own messages: the user of srun names a file.
  private func delivery(to placement: Placement) -> SecretDelivery? {
    guard request.launcher == .mpirun, !placement.isLocal else { return nil }
    return SecretDelivery(shell: request.shell, environment: environment, folder: remains.temporaryFolder)
  }

  private func answeringHosts() throws(LaunchError) -> [ClusterHost] {
    let hosts = HostProbe(shell: request.shell, environment: environment).answering(request.hosts)
    let silent = request.hosts.filter { !hosts.contains($0) }.map(\.name)
    let names = silent.joined(separator: ", ")
    guard silent.isEmpty || !attempts.isEmpty else {
      throw LaunchError(
        "no answer from \(names)", advice: "check that it is up and \(request.shell.condition)")
    }
    if !silent.isEmpty { report("no answer from \(names); going on without") }
    return withoutSuspect(hosts)
  }

  /// The hosts without the one that the last verdict found silent, if they are enough.
  private func withoutSuspect(_ hosts: [ClusterHost]) -> [ClusterHost] {
    guard let suspect, hosts.contains(suspect) else { return hosts }
    let others = hosts.filter { $0 != suspect }
    guard request.placement(on: others).ranks >= request.minimumRanks else { return hosts }
    report("\(suspect.name) was silent; this start does without")
    return others
  }
}

// MARK: One start

extension Supervisor {
  /// Starts the ranks, waits for their end, clears up, and judges.
  private func start(_ placement: Placement) throws(LaunchError) -> Ending {
    try remains.prepare()
    if let failure = deliverSecret(placement) { return failure }
    let completion = evidence.begin()
    // Before its first own commit a launch begins as its user said: an older run's checkpoints are not its own.
    let words = newestStep == nil ? arguments.words : arguments.resuming
    let commands = request.commandLines(words, in: situation(on: placement))
    let secret = request.launcher == .local ? try NamelessSecret(in: remains.temporaryFolder) : nil
    announce(commands, placement)
    let (started, shortage) = (ContinuousClock.now, MemoryShortage())
    let job = try Job(commands, environment: environment, input: secret?.descriptor ?? -1)
    let exit = wait(for: job)
    job.kill()
    remains.clear()
    clear(placement.parts.map(\.host))
    var death = Death(job.firstFailedExit, of: request.launcher)
    // The kernel of this machine knows nothing of other machines' memory.
    if death?.signal == SIGKILL, placement.isLocal { death?.shortage = shortage.evidence(program: request.program) }
    let ending = Ending(
      exit, of: request.launcher.rawValue, notes: evidence.notes, verdicts: evidence.verdicts,
      isComplete: evidence.completion.isNewer(than: completion), death: death)
    suspect = ending.verdict.flatMap { $0.cause == .silent ? placement.host(ofRank: $0.rank) : nil }
    let own = evidence.commits.filter { !foreign.contains($0.key) }.values.max()
    attempts.append(RestartPolicy.Attempt(ending, isProgress: (own ?? -1) > (newestStep ?? -1)))
    newestStep = own ?? newestStep
    var entry = History.Entry(event: .ended, attempt: epoch - 1)
    entry.seconds = (ContinuousClock.now - started) / .seconds(1)
    (entry.outcome, entry.reason, entry.verdict) = (ending.name, ending.reason, ending.verdict)
    if case .status(let status) = exit { entry.status = status }
    if case .failed = ending { (entry.signal, entry.shortage) = (death?.signal, death?.shortage) }
    entry.committedStep = newestStep
    history?.append(entry)
    return ending
  }

  private func announce(_ commands: [CommandLine], _ placement: Placement) {
    let ranks = placement.ranks == 1 ? "1 rank" : "\(placement.ranks) ranks"
    let place = newestStep.map { "from step \($0)" } ?? "as asked for"
    report("start \(epoch + 1): \(ranks) on \(placement.text), \(place)")
    var entry = History.Entry(event: .started, attempt: epoch)
    entry.ranks = placement.ranks
    entry.hosts = placement.parts.map(\.host.name)
    entry.command = commands[0].shellText
    entry.committedStep = newestStep
    history?.append(entry)
  }

  /// Waits until all processes have ended; passes on the wish to stop, and ends them when they take too long to follow.
  private func wait(for job: Job) -> ProcessExit {
    var deadline: ContinuousClock.Instant?
    var hasReportedStop = false
    var nextLook = ContinuousClock.now
    while true {
      if let exit = job.poll() { return exit }
      let now = ContinuousClock.now
      if StopRequest.isRequested, !hasReportedStop {
        hasReportedStop = true
        deadline = now + .seconds(patience.stop)
        report("stop requested: the ranks commit a checkpoint")
        // Both launchers hand this one on to all ranks; SIGTERM they take as a wish to kill.
        job.signal(SIGUSR1)
      }
      if now >= nextLook {
        nextLook = now + .milliseconds(250)
        if job.firstFailure != nil || evidence.isTroubled {
          let limit = now + .seconds(patience.failure)
          deadline = min(deadline ?? limit, limit)
        }
      }
      if let deadline, now >= deadline {
        report("the ranks do not end; killing them")
        job.kill()
        return .signal(SIGKILL)
      }
      usleep(20_000)
    }
  }

  /// Removes what a start leaves on other hosts.
  private func clear(_ hosts: [ClusterHost]) {
    let probe = HostProbe(shell: request.shell, environment: environment)
    probe.run(["rm", "-rf", "--", remains.temporaryFolder], on: hosts)
  }

  /// - Returns: how the start ends where a host does not take the secret.
  private func deliverSecret(_ placement: Placement) -> Ending? {
    guard let delivery = delivery(to: placement) else { return nil }
    var refusing = delivery.deliver(to: placement.parts.map(\.host))
    if !refusing.isEmpty, (try? remains.takeOtherName()) != nil, let other = self.delivery(to: placement) {
      // Somebody may have taken the name there first.
      refusing = other.deliver(to: placement.parts.map(\.host))
    }
    guard !refusing.isEmpty else { return nil }
    clear(placement.parts.map(\.host))
    let names = refusing.map(\.name).joined(separator: ", ")
    let ending = Ending.failed(
      reason:
        "the job's secret cannot be left in \(delivery.folder) on \(names); set TMPDIR to a folder of yours there",
      verdict: nil)
    attempts.append(RestartPolicy.Attempt(ending, isProgress: false))
    return ending
  }
}

// MARK: Between starts

extension Supervisor {
  /// Reports to the user, and waits before a restart.
  /// - Returns: the exit status, when the launch is over.
  private func act(on decision: RestartPolicy.Decision, after ending: Ending) -> Int32? {
    let restarts = attempts.count - 1
    switch decision {
    case .end(let status):
      let times = restarts == 1 ? "1 restart" : "\(restarts) restarts"
      return end(status, status == 0 ? "finished after \(times)" : "stopped on request; go on with --resume auto")
    case .giveUp(let reason, let status):
      return end(status, "\(ending.reason ?? ending.name); given up: \(reason)")
    case .restart(let seconds):
      let place = newestStep.map { "step \($0)" } ?? "the beginning"
      let pause = String(format: "%g", seconds)
      report("\(ending.reason ?? ""); restart \(restarts + 1) of \(policy.maximumRestarts) from \(place) in \(pause) s")
      let wakeUp = ContinuousClock.now + .seconds(seconds)
      while ContinuousClock.now < wakeUp {
        if StopRequest.isRequested { return end(85, "stopped on request between two starts; go on with --resume auto") }
        usleep(20_000)
      }
      return nil
    }
  }

  private func end(_ status: Int32, _ text: String) -> Int32 {
    report(text)
    var entry = History.Entry(event: .over, attempt: attempts.count - 1)
    (entry.status, entry.decision, entry.committedStep) = (status, text, newestStep)
    history?.append(entry)
    return status
  }
}
