import Diagnostics
import Schedules
import Transport

/// The protocol of a group on one rank, as a pure state machine: collectives, membership, failure and parting.
///
/// Its owner brings events (bytes came, bytes are gone, a link ended, time passed, an operation is wanted) and asks what to do next
/// (where bytes go, which bytes to send, when to call again, which operations are complete). It knows no sockets, clocks or
/// threads; the driver on real links and the simulator on a virtual network run the same object. Not safe for use from two threads.
package final class Engine {
  package let info: RankInfo
  package let settings: Settings
  private var membership: Membership
  private let frames: FramedLinks
  private var run: OperationRun?
  private var waiting: [CollectiveOperation] = []
  private var firstWaiting = 0
  private var submitted: UInt64 = 0
  private var completions: [Completion] = []
  private var schedules: KnownSchedules
  private var scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 64)
  private var releaseAt: Nanoseconds?
  private var isReleased = false
  private var isReportedLate = false
  /// What operations go through instead of links, where all ranks that take part are on one host.
  private let sharing: SharedMemoryPlanner?

  /// - Parameter hostMemory: what the ranks of this host share; nil where they share nothing.
  package init(info: RankInfo, settings: Settings, now: Nanoseconds, hostMemory: HostMemory? = nil) {
    self.info = info
    self.settings = settings
    let planner = Planner(
      rank: info.rank, size: info.size, segmentBytes: settings.segmentBytes, exchangeLimit: settings.exchangeLimit,
      machines: info.machines)
    schedules = KnownSchedules(planner)
    sharing = hostMemory.map {
      SharedMemoryPlanner(
        $0, size: info.size, owners: planner.hosts.owners, exchangeLimit: settings.exchangeLimit)
    }
    membership = Membership(info: info, settings: settings, now: now)
    frames = FramedLinks(info: info, contacts: membership.contacts)
  }

  deinit { scratch.deallocate() }

  /// All links of this rank.
  package var links: [Link] {
    (0..<info.size).filter { $0 != info.rank }.map { .data($0) } + membership.contacts.map { .control($0) }
  }

  // MARK: State

  /// Whether an operation runs, so that the data links matter.
  package var isBusy: Bool { run != nil }

  /// The number of the operation that runs and the part of it that is done, for the injection of faults.
  package var position: (sequence: UInt64, fraction: Double)? { run.map { ($0.sequence, $0.fraction) } }

  /// What went wrong, as soon as this rank knows it.
  package var verdict: Verdict? { membership.verdict }

  /// Whether everything is over: parted in order, or failed and held long enough for all ranks to know.
  package var isOver: Bool { membership.hasParted || (verdict != nil && releaseAt == nil) }

  /// Whether all ranks have parted in order.
  package var hasParted: Bool { membership.hasParted }

  /// When `tick` must be called, at the latest.
  package var nextDeadline: Nanoseconds {
    let operation = isReportedLate ? .max : run.map { $0.started + settings.operationTimeout } ?? .max
    return min(membership.nextDeadline, operation, releaseAt ?? .max)
  }

  /// The operations that are over since the last call.
  package func takeCompletions() -> [Completion] {
    defer { completions.removeAll(keepingCapacity: true) }
    return completions
  }

  /// Everyone's times as of their last heartbeats; on rank 0 alone.
  package var times: [RankTimes] { membership.isCoordinator ? membership.allTimes : [] }

  /// Whom the others wait for, found since the last call; on rank 0 alone.
  package func takeStragglers() -> [Straggler] { membership.takeStragglers() }

  /// Bytes of operations that this rank has begun to send over its data links; frames' headers are not counted.
  package var bytesSent: Int { frames.bytesSent }

  /// The last operations of this rank.
  package func flightRecord(now: Nanoseconds) -> FlightRecord { membership.flightRecord(now: now) }

  // MARK: Wishes of this rank

  /// Puts an operation at the end of the sequence; returns its number.
  package func submit(_ operation: CollectiveOperation, now: Nanoseconds) -> UInt64 {
    defer { submitted += 1 }
    if isOver {
      let error = verdict.map { GroupError($0) } ?? .left(operation: operation.description)
      completions.append(Completion(sequence: submitted, error: error))
    } else if run == nil, verdict == nil {
      start(operation, now)
    } else {
      waiting.append(operation)
    }
    return submitted
  }

  package func note(step: Int, phase: String) { membership.note(step: step, phase: phase) }

  /// How this rank has spent its time, for heartbeats.
  package func note(_ times: RankTimes) { membership.times = times }

  package func fail(_ reason: String, now: Nanoseconds) {
    membership.fail(reason)
    settle(now)
  }

  package func leave(now: Nanoseconds) {
    membership.leave(now: now)
    settle(now)
  }

  /// Time has passed.
  package func tick(now: Nanoseconds) {
    membership.tick(now: now)
    if let run, !isReportedLate, now >= run.started + settings.operationTimeout {
      isReportedLate = true
      let missing = (0..<info.size).first { run.expects(from: $0) } ?? info.rank
      let seconds = settings.operationTimeout / 1_000_000_000
      membership.suspect(missing, .late, "the operation is not complete after \(seconds) s", now: now)
    }
    settle(now)
    if let releaseAt, now >= releaseAt { release() }
  }

  // MARK: Links

  /// Which bytes to send on a link now; empty if there are none.
  package func sendWindow(_ link: Link) -> SendWindow { frames.sendWindow(link, of: run) }

  /// Whether a control link still has messages to send.
  package func hasMore(on link: Link) -> Bool { !sendWindow(link).isEmpty }

  /// `count` bytes of the send window are gone.
  package func sent(_ count: Int, on link: Link, now: Nanoseconds) {
    let ended = frames.sent(count, on: link)
    if ended == 0 { return }
    for _ in 0..<ended { run?.finishSend(to: link.peer) }
    progress(by: ended, now)
  }

  /// Where the next bytes of a link go; empty if none are wanted now.
  package func receiveWindow(_ link: Link) -> UnsafeMutableRawBufferPointer {
    frames.receiveWindow(link, of: verdict == nil ? run : nil)
  }

  /// `count` bytes have come into the receive window.
  package func received(_ count: Int, on link: Link, now: Nanoseconds) {
    switch frames.received(count, on: link, of: run) {
    case .nothing: break
    case .segment:
      run?.finishReceive(from: link.peer)
      progress(by: 1, now)
    case .message(let message):
      if message.asksForTraffic { membership.traffic = run?.traffic ?? [] }
      membership.receive(message, from: link.peer, now: now)
    case .objection(let cause, let detail): membership.suspect(link.peer, cause, detail, now: now)
    }
    settle(now)
  }

  /// A link has ended, in the words of the system.
  package func ended(_ link: Link, _ how: String, now: Nanoseconds) {
    switch link {
    case .control(let peer): membership.controlEnded(peer, how, now: now)
    case .data(let peer): membership.suspect(peer, .link, "its data connection ended: \(how)", now: now)
    }
    settle(now)
  }

  /// What came over a link cannot be trusted.
  package func spoiled(_ link: Link, _ what: String, now: Nanoseconds) {
    membership.suspect(link.peer, .corrupted, what, now: now)
    settle(now)
  }

  // MARK: Shared memory

  /// What the ranks of this host share; nil where they share nothing.
  var hostMemory: HostMemory? { sharing?.memory }

  /// Whether the operation that runs goes through shared memory.
  var sharesMemory: Bool { run?.pipeline != nil }

  /// Advances by one step of a segment through shared memory, if it can without waiting; returns whether it did.
  func advanceShared(_ now: Nanoseconds) -> Bool {
    guard verdict == nil, let pipeline = run?.pipeline, pipeline.advanceSoon() else { return false }
    if let objection = pipeline.objection {
      membership.suspect(objection.rank, objection.cause, objection.detail, now: now)
      settle(now)
      return true
    }
    hostMemory?.wakeUp()
    progress(by: 1, now)
    return true
  }

  // MARK: Flow of operations

  private func start(_ wish: CollectiveOperation, _ now: Nanoseconds) {
    var operation = wish
    let work = sharing?.work(for: &operation)
    let tag = SharedWindow.Tag(sequence: membership.recorder.completed, signature: operation.signature)
    let pipeline = work.map { SlotPipeline($0, tag: tag, memory: hostMemory!) }
    let schedule = pipeline == nil ? schedules.schedule(for: operation) : schedules.empty
    if schedule.scratchBytes > scratch.count {
      scratch.deallocate()
      scratch = .allocate(byteCount: schedule.scratchBytes, alignment: 64)
    }
    membership.recorder.begin(operation, now: now)
    run = OperationRun(
      operation, tag: tag, schedule: schedule, scratch: scratch.baseAddress!, now: now, pipeline: pipeline)
    completeRunIfDone(now)
  }

  /// Notes that segments came or went, and starts operations while there are any and none runs. Some are complete at once.
  private func progress(by segments: Int, _ now: Nanoseconds) {
    membership.moved += UInt64(segments)
    guard run?.isComplete ?? false else { return }
    completeRunIfDone(now)
    while run == nil, verdict == nil, firstWaiting < waiting.count {
      let operation = waiting[firstWaiting]
      firstWaiting += 1
      if firstWaiting == waiting.count {
        waiting.removeAll(keepingCapacity: true)
        firstWaiting = 0
      }
      start(operation, now)
    }
  }

  private func completeRunIfDone(_ now: Nanoseconds) {
    guard let current = run, current.isComplete else { return }
    completions.append(Completion(sequence: current.sequence, error: nil, span: current.span(until: now)))
    run = nil
    isReportedLate = false
    membership.recorder.complete(now: now)
  }

  // MARK: Failure

  /// Draws the consequences of what the membership found: sends its messages, and stops when there is a verdict.
  private func settle(_ now: Nanoseconds) {
    for (peer, message) in membership.takeMessages() { frames.send(message, to: peer) }
    if verdict != nil, releaseAt == nil, !isReleased { stop(now) }
  }

  /// Lets go of all memory that operations lent, and waits until all ranks know.
  private func stop(_ now: Nanoseconds) {
    releaseAt = now + settings.holdTime
    if let run { membership.traffic = run.traffic }
    run = nil
    frames.abandon()
  }

  private func release() {
    releaseAt = nil
    isReleased = true
    guard let verdict else { return }
    for sequence in membership.recorder.completed..<submitted {
      completions.append(Completion(sequence: sequence, error: GroupError(verdict)))
    }
    waiting.removeAll()
    firstWaiting = 0
  }
}
