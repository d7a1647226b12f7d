import Foundation
import Glibc

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

    public init() {}
  }

  private static let cardKey = "lockstep.card"
  private static let cardLimit = 64 << 10

  /// Finds the other ranks and connects with them.
  ///
  /// Throws `GroupError.layout` when the job makes no sense and `GroupError.rendezvous` when ranks do not come.
  public static func join(_ options: Options = Options()) throws -> any Group {
    let environment = ProcessInfo.processInfo.environment
    let identity = try Identity.find(in: environment) { try processManagerIdentity() }
    try identity.check(expected: options.expectedSize, in: environment)
    if identity.source != .alone { System.dieWithParent() }
    if identity.size == 1 {
      if identity.source == .processManager { ProcessManager.leave() }
      return SoloGroup()
    }
    guard identity.source == .processManager else {
      throw GroupError.layout(
        reason: "\(identity.source.rawValue) says \(identity.size) ranks, but there is no process manager",
        advice: "start with mpirun or srun --mpi=pmix, and install libpmix2")
    }
    FaultInjection.reach("join", rank: identity.rank)
    return try meet(identity, options, epoch: UInt32(environment["LOCKSTEP_EPOCH"] ?? "") ?? 0)
  }

  private static func processManagerIdentity() throws -> (rank: Int, size: Int)? {
    guard let rank = ProcessManager.join() else { return nil }
    do {
      return (rank, try ProcessManager.jobNumber("pmix.job.size"))
    } catch {
      throw GroupError.rendezvous(reason: error.words, advice: "check the launcher's own output")
    }
  }

  private static func meet(_ identity: Identity, _ options: Options, epoch: UInt32) throws -> any Group {
    let deadline = System.now + options.settings.joinTimeout
    let localSize = (try? ProcessManager.jobNumber("pmix.local.size")) ?? 1
    let isOneMachine = localSize == identity.size
    do {
      let (listener, port) = try TCP.listen(on: isOneMachine ? "127.0.0.1" : "0.0.0.0", isLocal: isOneMachine)
      let card = Card(
        addresses: isOneMachine ? [] : Host.addresses, port: port, host: Host.name, machine: Host.identity,
        process: UInt32(getpid()), epoch: epoch, fingerprint: options.fingerprint,
        secret: identity.rank == 0 ? Meeting.nonce() : [])
      let cards = try exchange(card, size: identity.size, seconds: Int(options.settings.joinTimeout / 1_000_000_000))
      try Card.check(cards)
      let place = Place(rank: identity.rank, size: identity.size, epoch: epoch, hosts: cards.map(\.host))
      var meeting = Meeting(place: place, cards: cards, secret: cards[0].secret, listener: listener)
      let sockets = try meeting.run(until: deadline)
      let neighbours = cards.count { $0.machine == card.machine }
      return EngineGroup(
        place: place, settings: options.settings, sockets: sockets, spin: neighbours <= Host.processors ? 50_000 : 0,
        hooks: hooks(place, options), onLeave: { ProcessManager.leave() })
    } catch let error as Socket.Failure {
      throw GroupError.rendezvous(
        reason: error.description, advice: "check the limits of open files and the network of this host")
    }
  }

  private static func exchange(_ card: Card, size: Int, seconds: Int) throws -> [Card] {
    do {
      try ProcessManager.publish(card.encoded(), as: cardKey)
      try ProcessManager.exchange(seconds: seconds)
      return try (0..<size).map { rank in
        try Card(decoding: try ProcessManager.fetch(cardKey, of: rank, atMost: cardLimit))
      }
    } catch let error as ProcessManager.Failure {
      throw GroupError.rendezvous(reason: error.words, advice: "check the launcher's own output")
    } catch is Card.Fault {
      throw GroupError.layout(
        reason: "the ranks run different versions of this program", advice: "start the same binary on every host")
    }
  }

  private static func hooks(_ place: Place, _ options: Options) -> Communicator.Hooks {
    var hooks = Communicator.Hooks()
    hooks.grace = options.grace
    hooks.onVerdict = { verdict in
      guard let folder = options.verdictFolder else { return }
      VerdictFile.write(verdict, of: place.rank, to: folder)
    }
    hooks.onAbandoned = { verdict in
      FileHandle.standardError.write(Data("lockstep: \(verdict)\n".utf8))
      _exit(verdict.exitStatus)
    }
    if FaultInjection.planned?.rank == place.rank {
      hooks.onProgress = { number, fraction in
        FaultInjection.reach(fraction < 0.5 ? "reduce-scatter" : "all-gather", rank: place.rank, number: number)
      }
    }
    return hooks
  }
}
