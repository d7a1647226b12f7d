import Diagnostics
import Schedules
import Tracing
import Transport

/// The protocol of a group on one rank, as a pure state machine: collectives, membership, failure and parting.
///
/// Its owner brings events (bytes came, bytes are gone, a link ended, time passed, an operation is wanted) and asks what to do next
/// (where bytes go, which bytes to send, when to call again, which operations are complete). It knows no sockets, clocks or
/// threads; the driver on real links and the simulator on a virtual network run the same object. Not safe for use from two threads.
package final class Engine {
  /// One of the links of this rank. Every pair has one for data, and everyone has one for control with rank 0.
  package enum Link: Hashable, Sendable {
    case data(Int)
    case control(Int)

    package var peer: Int {
      switch self {
      case .data(let peer), .control(let peer): peer
      }
    }

    package var isControl: Bool {
      switch self {
      case .data: false
      case .control: true
      }
    }
  }

  /// An operation that is over.
  package struct Completion {
    package var sequence: UInt64
    /// nil if the operation gave its result.
    package var error: GroupError?
    /// What it was, and when it ran.
    package var span: Span?
  }

  package let place: Place
  package let settings: Settings
  private let planner: Planner
  var membership: Membership
  var run: OperationRun?
  private var waiting: [CollectiveOperation] = []
  private var firstWaiting = 0
  private var submitted: UInt64 = 0
  private var completions: [Completion] = []
  private var schedules: [ScheduleKey: Schedule] = [:]
  private let nothingOverLinks: Schedule
  private var scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 64)
  private var releaseAt: Nanoseconds?
  private var isReleased = false
  private var isReportedLate = false
  private(set) var writers: [FrameWriter]
  private(set) var readers: [FrameReader]
  private(set) var controls: [ControlLink?]
  /// Bytes of operations that this rank has begun to send over its data links; frames' headers are not counted.
  package internal(set) var bytesSent = 0
  /// What sums go through instead of links, where all ranks are on one host.
  var hostMemory: HostMemory?

  package init(place: Place, settings: Settings, now: Nanoseconds) {
    self.place = place
    self.settings = settings
    planner = Planner(
      rank: place.rank, size: place.size, segmentBytes: settings.segmentBytes, exchangeLimit: settings.exchangeLimit,
      machines: place.machines)
    nothingOverLinks = Schedule(size: place.size)
    membership = Membership(place: place, settings: settings, now: now)
    writers = (0..<place.size).map { _ in FrameWriter() }
    readers = (0..<place.size).map { _ in FrameReader() }
    let contacts = membership.contacts
    controls = (0..<place.size).map { contacts.contains($0) ? ControlLink() : nil }
  }

  deinit { scratch.deallocate() }

  /// All links of this rank.
  package var links: [Link] {
    (0..<place.size).filter { $0 != place.rank }.map { .data($0) } + membership.contacts.map { .control($0) }
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
  package func takeStragglers() -> [Straggler] {
    defer { membership.stragglers = [] }
    return membership.stragglers
  }

  /// The last operations of this rank.
  package func flightRecord(now: Nanoseconds) -> FlightRecord {
    let links = membership.traffic.map { link in
      FlightRecord.Link(
        peer: link.peer, segmentsSent: Int(link.sent), segmentsReceived: Int(link.received), isWaiting: link.isWaiting)
    }
    return FlightRecord(
      rank: place.rank, host: place.hosts[place.rank], step: membership.step, phase: membership.phase,
      operations: membership.recorder.operations(now: now), links: membership.recorder.isActive ? links : [])
  }

  // MARK: Wishes of this rank

  /// Puts an operation at the end of the sequence; returns its number.
  package func submit(_ operation: CollectiveOperation, now: Nanoseconds) -> UInt64 {
    defer { submitted += 1 }
    if isOver {
      completions.append(Completion(sequence: submitted, error: failure(of: operation)))
    } else if run == nil, verdict == nil {
      start(operation, now)
    } else {
      waiting.append(operation)
    }
    return submitted
  }

  package func note(step: Int, phase: String) {
    membership.step = step
    membership.phase = phase
  }

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
      let missing = (0..<place.size).first { run.expects(from: $0) } ?? place.rank
      let seconds = settings.operationTimeout / 1_000_000_000
      membership.suspect(missing, .late, "the operation is not complete after \(seconds) s", now: now)
    }
    settle(now)
    if let releaseAt, now >= releaseAt { release() }
  }

  // MARK: Flow of operations

  /// Starts operations while there are any and none runs. Some are complete at once.
  func startNext(_ now: Nanoseconds) {
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

  private func start(_ wish: CollectiveOperation, _ now: Nanoseconds) {
    var operation = wish
    let work = hostMemory?.work(
      for: &operation, size: place.size, owners: planner.hosts.owners, exchangeLimit: settings.exchangeLimit)
    let tag = SharedSegment.Tag(sequence: membership.recorder.completed, signature: operation.signature)
    let pipeline = work.map { SlotPipeline($0, tag: tag, memory: hostMemory!) }
    let schedule = pipeline == nil ? plan(operation) : nothingOverLinks
    if schedule.scratchBytes > scratch.count {
      scratch.deallocate()
      scratch = .allocate(byteCount: schedule.scratchBytes, alignment: 64)
    }
    membership.recorder.begin(operation, now: now)
    run = OperationRun(
      operation, tag: tag, schedule: schedule, scratch: scratch.baseAddress!, now: now, pipeline: pipeline)
    completeRunIfDone(now)
  }

  func completeRunIfDone(_ now: Nanoseconds) {
    guard let current = run, current.isComplete else { return }
    completions.append(Completion(sequence: current.sequence, error: nil, span: current.span(until: now)))
    run = nil
    isReportedLate = false
    membership.recorder.complete(now: now)
  }

  private func plan(_ operation: CollectiveOperation) -> Schedule {
    let key = ScheduleKey(operation)
    if let known = schedules[key] { return known }
    let schedule = planner.schedule(for: operation)
    if schedules.count >= 64 { schedules.removeAll() }
    schedules[key] = schedule
    return schedule
  }

  // MARK: Failure

  /// Draws the consequences of what the membership found: sends its messages, and stops when there is a verdict.
  func settle(_ now: Nanoseconds) {
    for (peer, message) in membership.outbox { controls[peer]?.send(message) }
    membership.outbox.removeAll(keepingCapacity: true)
    if verdict != nil, releaseAt == nil, !isReleased { stop(now) }
  }

  /// Lets go of all memory that operations lent, and waits until all ranks know.
  private func stop(_ now: Nanoseconds) {
    releaseAt = now + settings.holdTime
    if let run { membership.traffic = run.traffic }
    run = nil
    for writer in writers { writer.abandon() }
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

  private func failure(of operation: CollectiveOperation) -> GroupError {
    verdict.map { GroupError($0) } ?? .left(operation: operation.description)
  }
}

/// What a schedule depends on.
private struct ScheduleKey: Hashable {
  let kind: CollectiveOperation.Kind
  let count: Int
  let root: Int
  let lengths: [Int]
  let shares: [Range<Int>]

  init(_ operation: CollectiveOperation) {
    kind = operation.kind
    count = operation.count
    root = operation.root
    lengths = operation.lengths
    shares = operation.shares
  }
}
