import Collectives
import Console
import Diagnostics
import Foundation
import Glibc
import Support
import Tracing
import Transport

/// The group of the job that this process was started in, by mpirun, srun or by hand; a group of one when there is no launcher.
public enum LaunchedGroup {
  /// What the program wants of its group.
  public struct Options: Sendable {
    public var settings = Settings()
    /// What all ranks must have in common, such as a hash of the recipe.
    public var fingerprint = ""
    /// How many ranks were asked for, if the program knows.
    public var expectedSize: Int?
    /// The folder in which `rank-N.json` says what went wrong; made when needed.
    public var verdictFolder: String?
    /// For how many nanoseconds the program may be busy after a failure before the process is ended for it.
    public var grace: UInt64 = 1_000_000_000
    /// Where operations are recorded.
    public var track = Track.off

    public init() {}
  }

  /// Finds the other ranks and connects with them; `JobEnvironment` says how.
  ///
  /// Throws `GroupError.layout` when the job makes no sense, and `GroupError.failure` or `.rendezvous` when ranks do not come.
  public static func join(_ options: Options = Options()) throws -> any Group {
    let environment = ProcessInfo.processInfo.environment
    // What nobody means must not pass because there is one rank.
    _ = try ProtectionPolicy(
      encrypt: environment[JobEnvironment.encrypt], integrity: environment[JobEnvironment.integrity])
    let isSelfMade = environment[JobEnvironment.rendezvous] != nil
    let variables = LauncherVariables(environment)
    let identity = try variables.identity { isSelfMade ? nil : try processManagerIdentity() }
    try variables.check(identity, expected: options.expectedSize)
    if identity.source != .alone { System.dieWithParent() }
    if identity.size == 1 {
      if identity.source == .processManager { ProcessManager.leave() }
      return SoloGroup()
    }
    System.endConnectionsOnCrash()
    if let folder = options.verdictFolder { VerdictFile.remove(of: identity.rank, from: folder) }
    // A second before the limit for silence, so that all ranks of this host have seen it when the first of them ends.
    let hold = options.settings.peerTimeout / 5
    let watch = JoinWatch(identity, in: environment, limit: options.settings.peerTimeout - hold) { stopped in
      abandon(stopped, of: identity, after: hold, options)
    }
    defer { watch.end() }
    FaultInjection.reach("join", rank: identity.rank)
    do {
      return try connect(identity, JobParameters(environment, settings: options.settings), options)
    } catch let failure as GroupError {
      let error = watch.stopped.map { GroupError(verdict(on: $0)) } ?? failure
      if let folder = options.verdictFolder, let verdict = error.verdict {
        VerdictFile.write(verdict, of: identity.rank, to: folder)
      }
      throw error
    }
  }

  private static func processManagerIdentity() throws -> (rank: Int, size: Int)? {
    guard let rank = ProcessManager.join() else { return nil }
    do {
      return (rank, try ProcessManager.jobNumber("pmix.job.size"))
    } catch {
      throw GroupError.rendezvous(reason: error.words, advice: "check the launcher's own output")
    }
  }

  private static func connect(_ identity: Identity, _ parameters: JobParameters, _ options: Options) throws -> any Group
  {
    let deadline = System.now + parameters.joinTimeout
    let memoryExchange = HostMemoryExchange(isWanted: parameters.sharesMemory)
    let rendezvous = Rendezvous(
      identity: identity, parameters: parameters, fingerprint: options.fingerprint, deadline: deadline,
      window: memoryExchange.announcement)
    let result = try rendezvous.run()
    let peerInfos = result.peerInfos
    let info = RankInfo(
      rank: identity.rank, size: identity.size, epoch: parameters.epoch, hosts: peerInfos.map(\.host),
      machines: peerInfos.map(\.machine))
    if let remark = result.remark { say(remark) }
    var connector = Connector(
      info: info, peerInfos: peerInfos, credential: result.credential, acceptor: result.acceptor)
    // All have come so far, so none may take longer now than one that trains.
    let links = try connector.run(
      until: System.now + max(options.settings.peerTimeout, HandshakeInProgress.time) + 1_000_000_000)
    if connector.acceptor.refused > 0 { say("rank \(info.rank) has met the others\(connector.acceptor.refusals)") }
    let maySpin = LocalHost.maySpin(
      on: peerInfos[info.rank].machine, among: peerInfos.map(\.machine), processors: LocalHost.processors,
      allProcessors: LocalHost.allProcessors)
    let isManaged = identity.source == .processManager
    let faults = GroupFaults(rank: info.rank)
    return EngineGroup(
      info: info, settings: options.settings, transports: transports(links, of: info, faults),
      spin: maySpin ? 50_000 : 0, hooks: hooks(info, options, faults),
      hostMemory: try memoryExchange.open(peerInfos, rank: info.rank),
      onLeave: { if isManaged { ProcessManager.leave() } })
  }

  /// What carries the bytes of each link; a planned fault reaches the one with the next rank, below its encryption.
  private static func transports(
    _ links: [Link: Connection], of info: RankInfo, _ faults: GroupFaults?
  ) -> [Link: any ByteTransport] {
    let next = Link.data((info.rank + 1) % info.size)
    return Dictionary(
      uniqueKeysWithValues: links.map { link, connection in
        var lower: any ByteTransport = connection.socket
        if link == next, let faults { lower = faults.wrap(lower) }
        return (link, connection.transport(rank: info.rank, over: lower))
      })
  }

  /// Ends this process for a rank that is stopped: the others wait within the launcher's process manager, and cannot be asked.
  private static func abandon(
    _ stopped: JoinWatch.Stopped, of identity: Identity, after hold: Nanoseconds, _ options: Options
  ) {
    let verdict = verdict(on: stopped)
    if let folder = options.verdictFolder { VerdictFile.write(verdict, of: identity.rank, to: folder) }
    usleep(useconds_t(hold / 1000))
    say("\(verdict)")
    _exit(verdict.exitStatus)
  }

  private static func verdict(on stopped: JoinWatch.Stopped) -> Verdict {
    Verdict(
      rank: stopped.rank, host: LocalHost.name, cause: .silent, detail: "its process \(stopped.process) is stopped",
      operation: Verdict.rendezvous, step: 0)
  }

  private static func say(_ words: String) { StandardError.print("lockstep: \(words)") }

  private static func hooks(_ info: RankInfo, _ options: Options, _ faults: GroupFaults?) -> Communicator.Hooks {
    var hooks = Communicator.Hooks()
    hooks.grace = options.grace
    hooks.track = options.track
    hooks.onVerdict = { verdict, record in
      guard let folder = options.verdictFolder else { return }
      VerdictFile.write(verdict, of: info.rank, to: folder)
      record.write(to: folder)
    }
    hooks.onStuck = {
      say(
        "rank \(info.rank) does not serve its connections any more, a fault of this program; start again with --resume auto"
      )
      _exit(70)
    }
    hooks.onAbandoned = { verdict in
      say("\(verdict)")
      _exit(verdict.exitStatus)
    }
    hooks.onProgress = faults?.progress
    hooks.onSum = faults?.change
    return hooks
  }
}
