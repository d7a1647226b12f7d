import Diagnostics
import Transport

/// Who is still there: heartbeats, suspicions, farewells, and the one verdict that all ranks reach.
///
/// Rank 0 collects what everyone sees and decides; the others report to it, and judge by themselves only if rank 0 is gone or says
/// nothing. A pure function of its calls: it holds no clock and sends nothing, but lists messages for its owner to send.
struct Membership {
  /// What is known about another rank.
  private struct Peer {
    var lastHeard: Nanoseconds
    var hasParted = false
    var progress = ControlMessage.Progress()
    /// When `progress` last showed that segments moved.
    var lastMoved: Nanoseconds
    /// Its name for the operation in question and its traffic, when asked.
    var answer: String?
    var traffic: [ControlMessage.Traffic] = []
  }

  private let info: RankInfo
  private let settings: Settings
  private var peers: [Peer]
  private var detector: FailureDetector
  private var watch: StragglerWatch
  /// Messages to send, in order.
  private var outbox: [(to: Int, message: ControlMessage)] = []
  private(set) var verdict: Verdict?
  /// This rank's step and phase, and its operations.
  private var step = 0
  private var phase = "start"
  var recorder = FlightRecorder()
  var times = RankTimes()
  /// The ranks that the others wait for, found since the owner last asked; on rank 0 alone.
  private var stragglers: [Straggler] = []
  /// How many segments came and went, and how far the running operation is with each peer.
  var moved: UInt64 = 0
  var traffic: [ControlMessage.Traffic] = []
  /// Whether this rank wants to part, and whether everyone agreed to.
  private var isLeaving = false
  private(set) var hasParted = false
  private var nextBeat: Nanoseconds
  private var lastTick: Nanoseconds

  init(info: RankInfo, settings: Settings, now: Nanoseconds) {
    self.info = info
    self.settings = settings
    peers = Array(repeating: Peer(lastHeard: now, lastMoved: now), count: info.size)
    detector = FailureDetector(info: info, settings: settings)
    watch = StragglerWatch(hosts: info.hosts, window: settings.stragglerWindow, now: now)
    nextBeat = now + settings.heartbeatInterval
    lastTick = now
  }

  /// How far this rank is.
  private var own: ControlMessage.Progress {
    let active = recorder.active
    return ControlMessage.Progress(
      step: active?.step ?? step, phase: phase, completed: recorder.completed, signature: active?.signature ?? 0,
      operation: active?.title ?? "", moved: moved, times: times)
  }

  /// Everyone's times, as far as they are known here.
  var allTimes: [RankTimes] { peers.indices.map { $0 == info.rank ? times : peers[$0].progress.times } }

  var isCoordinator: Bool { info.rank == 0 }

  /// Whom this rank has a control link to.
  var contacts: Range<Int> { isCoordinator ? 1..<info.size : 0..<1 }

  /// When `tick` should be called next.
  var nextDeadline: Nanoseconds { verdict != nil || hasParted ? .max : min(nextBeat, detector.decideAt ?? .max) }

  /// The messages to send since the last call.
  mutating func takeMessages() -> [(to: Int, message: ControlMessage)] {
    guard !outbox.isEmpty else { return [] }
    defer { outbox = [] }
    return outbox
  }

  /// The ranks that the others wait for, found since the last call; on rank 0 alone.
  mutating func takeStragglers() -> [Straggler] {
    defer { stragglers = [] }
    return stragglers
  }

  /// The last operations of this rank.
  func flightRecord(now: Nanoseconds) -> FlightRecord {
    let links = traffic.map { link in
      FlightRecord.Link(
        peer: link.peer, segmentsSent: Int(link.sent), segmentsReceived: Int(link.received), isWaiting: link.isWaiting)
    }
    return FlightRecord(
      rank: info.rank, host: info.hosts[info.rank], step: step, phase: phase,
      operations: recorder.operations(now: now), links: recorder.isActive ? links : [])
  }

  // MARK: What happens

  /// The program says how far it is.
  mutating func note(step: Int, phase: String) { (self.step, self.phase) = (step, phase) }

  /// Time has passed.
  mutating func tick(now: Nanoseconds) {
    forgiveOwnPause(now)
    if verdict == nil, !hasParted, now >= nextBeat {
      nextBeat = now + settings.heartbeatInterval
      for peer in contacts { outbox.append((peer, .heartbeat(own))) }
      for peer in contacts where now - min(now, peers[peer].lastHeard) > settings.peerTimeout && !peers[peer].hasParted
      {
        let seconds = Double(now - peers[peer].lastHeard) / 1e9
        suspect(peer, .silent, "nothing heard for \(Int(seconds.rounded())) s", now: now)
      }
      if isCoordinator {
        watchForStall(now: now)
        stragglers += watch.look(allTimes, now: now)
      }
    }
    if verdict == nil, !hasParted, let decideAt = detector.decideAt, now >= decideAt { decide(now: now) }
  }

  /// All ranks are in operations or have parted, all are heard, and nothing moves: a link between two of them is dead.
  private mutating func watchForStall(now: Nanoseconds) {
    if moved != peers[0].progress.moved { peers[0].lastMoved = now }
    peers[0].progress = own
    // Heartbeats, and the time to collect what all saw, come on top: the verdict is there a second after the limit for silence.
    let limit = settings.peerTimeout - min(settings.heartbeatInterval, settings.peerTimeout / 2)
    // A rank that was not heard of late may be stopped for a moment, or its host cut off: that is not a link's fault yet.
    let patience = 3 * settings.heartbeatInterval
    guard contacts.allSatisfy({ peers[$0].hasParted || now <= peers[$0].lastHeard + patience }) else { return }
    let isStalled = peers.enumerated().allSatisfy { rank, peer in
      let isThrough = rank == 0 ? isLeaving && !own.isActive : peer.hasParted
      return isThrough || (peer.progress.isActive && now > peer.lastMoved + limit)
    }
    if isStalled, detector.decideAt == nil, peers.contains(where: { $0.progress.isActive }) {
      suspect(0, .link, "", now: now)
    }
  }

  /// If this process itself was stopped for a while, the others' silence means nothing.
  private mutating func forgiveOwnPause(_ now: Nanoseconds) {
    let gap = now - min(now, lastTick)
    lastTick = now
    guard gap > 2 * settings.heartbeatInterval else { return }
    for peer in peers.indices {
      peers[peer].lastHeard += gap
      peers[peer].lastMoved += gap
    }
  }

  /// Something came over a control link.
  mutating func receive(_ message: ControlMessage, from peer: Int, now: Nanoseconds) {
    peers[peer].lastHeard = max(peers[peer].lastHeard, now)
    if verdict != nil { return }
    switch message {
    case .heartbeat(let progress):
      if progress.moved != peers[peer].progress.moved { peers[peer].lastMoved = now }
      peers[peer].progress = progress
      if isCoordinator { compareOperations(now: now) }
    case .suspect(let evidence) where isCoordinator && evidence.rank < info.size:
      peers[peer].progress = evidence.progress
      consider(evidence, by: peer, now: now)
    case .inquiry(let operation) where !isCoordinator:
      outbox.append((0, .report(own, name: recorder.name(of: operation), traffic: traffic)))
    case .report(let progress, let name, let traffic) where isCoordinator:
      peers[peer].progress = progress
      peers[peer].answer = name
      peers[peer].traffic = traffic
      if let found = detector.decideIfAllAnswered(testimonies) { conclude(found) }
    case .abort(let verdict) where !isCoordinator:
      self.verdict = verdict
    case .goodbye(let progress):
      peers[peer].hasParted = true
      peers[peer].progress = progress
      isCoordinator ? partWhenAllHave(now: now) : (hasParted = isLeaving)
      if !isCoordinator, !isLeaving { suspect(peer, .corrupted, "said goodbye too early", now: now) }
    case .failed(let reason, let progress) where isCoordinator:
      peers[peer].progress = progress
      conclude(Verdict(on: peer, of: info, .failed, reason, progress))
    case .suspect, .inquiry, .report, .abort, .failed:
      suspect(peer, .corrupted, "sent a message out of its role", now: now)
    }
  }

  /// A control link ended.
  mutating func controlEnded(_ peer: Int, _ how: String, now: Nanoseconds) {
    if verdict != nil || hasParted || peers[peer].hasParted { return }
    conclude(Verdict(on: peer, of: info, .died, how, own))
  }

  /// A data link ended or broke, or the peer's operation is another.
  mutating func suspect(_ peer: Int, _ cause: Verdict.Cause, _ detail: String, now: Nanoseconds) {
    if verdict != nil || hasParted { return }
    let evidence = ControlMessage.Evidence(rank: peer, cause: cause, detail: detail, progress: own)
    if isCoordinator {
      consider(evidence, by: 0, now: now)
    } else if cause == .silent {
      conclude(Verdict(on: peer, of: info, cause, detail, own))
    } else {
      detector.awaitVerdict(on: evidence, now: now)
      outbox.append((0, .suspect(evidence)))
    }
  }

  /// This rank gives up.
  mutating func fail(_ reason: String) {
    if verdict != nil || hasParted { return }
    if !isCoordinator { outbox.append((0, .failed(reason: reason, own))) }
    conclude(Verdict(on: info.rank, of: info, .failed, reason, own))
  }

  /// This rank has done all it wanted to do.
  mutating func leave(now: Nanoseconds) {
    if isLeaving || verdict != nil { return }
    isLeaving = true
    isCoordinator ? partWhenAllHave(now: now) : outbox.append((0, .goodbye(own)))
  }

  /// Looks whether all ranks are at the same operations.
  private mutating func compareOperations(now: Nanoseconds) {
    guard isCoordinator, verdict == nil else { return }
    for (observer, evidence) in FailureDetector.disagreements(among: testimonies) {
      consider(evidence, by: observer, now: now)
    }
  }

  private mutating func partWhenAllHave(now: Nanoseconds) {
    compareOperations(now: now)
    guard isLeaving, contacts.allSatisfy({ peers[$0].hasParted }) else { return }
    hasParted = true
    for peer in contacts { outbox.append((peer, .goodbye(own))) }
  }

  // MARK: Whose fault it is

  private mutating func consider(_ evidence: ControlMessage.Evidence, by observer: Int, now: Nanoseconds) {
    if let operation = detector.consider(evidence, by: observer, now: now) { ask(about: operation) }
  }

  private mutating func ask(about operation: UInt64) {
    for peer in contacts where !peers[peer].hasParted { outbox.append((peer, .inquiry(operation: operation))) }
  }

  /// The time to collect what ranks saw, or to wait for rank 0's verdict, is over.
  private mutating func decide(now: Nanoseconds) {
    guard isCoordinator else {
      if let found = detector.decideAlone(coordinatorHeard: peers[0].lastHeard, now: now) { conclude(found) }
      return
    }
    switch detector.decideOrAskAgain(testimonies, now: now) {
    case .ask(let operation)?: ask(about: operation)
    case .conclude(let found)?: conclude(found)
    case nil: break
    }
  }

  /// What all ranks say, this one first; on rank 0.
  private var testimonies: [FailureDetector.Testimony] {
    let own = FailureDetector.Testimony(
      progress: own, name: recorder.name(of: detector.question ?? recorder.completed), traffic: traffic,
      hasParted: isLeaving, lastHeard: peers[0].lastHeard)
    return [own]
      + peers[contacts].map { peer in
        FailureDetector.Testimony(
          progress: peer.progress, name: peer.answer, traffic: peer.traffic, hasParted: peer.hasParted,
          lastHeard: peer.lastHeard)
      }
  }

  private mutating func conclude(_ verdict: Verdict) {
    self.verdict = verdict
    guard isCoordinator else { return }
    for peer in contacts where peer != verdict.rank || verdict.cause != .died {
      outbox.append((peer, .abort(verdict)))
    }
  }
}
