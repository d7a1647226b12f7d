import Schedules
import Tracing
import Transport

/// One operation under way: which steps of its schedule are done, and which may run.
final class OperationRun {
  let operation: CollectiveOperation
  let schedule: Schedule
  let sequence: UInt64
  let signature: UInt64
  let started: Nanoseconds
  /// Its way through shared memory, where it goes that way; the schedule is then empty.
  let pipeline: SlotPipeline?
  private let scratch: UnsafeMutableRawPointer
  private var done: [Bool]
  private var nextSend: [Int]
  private var nextReceive: [Int]
  private var nextLocal = 0
  /// Who sends what the next local step adds, where that is added while it arrives.
  private var adder: Int?
  private var remaining: Int

  init(
    _ operation: CollectiveOperation, tag: SharedWindow.Tag, schedule: Schedule, scratch: UnsafeMutableRawPointer,
    now: Nanoseconds, pipeline: SlotPipeline?
  ) {
    self.operation = operation
    self.pipeline = pipeline
    self.schedule = schedule
    self.scratch = scratch
    sequence = tag.sequence
    signature = tag.signature
    started = now
    done = Array(repeating: false, count: schedule.steps.count)
    nextSend = Array(repeating: 0, count: schedule.sends.count)
    nextReceive = nextSend
    remaining = schedule.steps.count
    runLocalSteps()
  }

  var isComplete: Bool { remaining == 0 && pipeline?.isComplete ?? true }

  /// The part of the steps that is done, from 0 to 1.
  var fraction: Double {
    if let pipeline { return pipeline.fraction }
    return schedule.steps.isEmpty ? 1 : 1 - Double(remaining) / Double(schedule.steps.count)
  }

  /// What it was, when it is over.
  func span(until now: Nanoseconds) -> Span {
    Span(
      .operation, name: operation.name, number: Int(sequence),
      bytes: operation.count * (operation.countsFloats ? 4 : 1), begun: started, ended: now)
  }

  /// One side of a transfer: a whole segment in memory.
  struct Transfer {
    var step: Int
    /// Position in the list of transfers between this pair, the same on both sides.
    var place: Int
    var memory: UnsafeMutableRawBufferPointer
  }

  /// The next segment for a peer, if it is ready; or one so many places behind it.
  func send(to peer: Int, behind: Int = 0) -> Transfer? { transfer(schedule.sends[peer], nextSend[peer] + behind) }

  /// Where the next segment from a peer goes, if its place is free.
  func receive(from peer: Int) -> Transfer? { transfer(schedule.receives[peer], nextReceive[peer]) }

  /// Whether a peer still has something to send in this operation.
  func expects(from peer: Int) -> Bool {
    pipeline?.expects(from: peer) ?? (nextReceive[peer] < schedule.receives[peer].count)
  }

  /// Whether something still goes to a peer in this operation.
  func owes(to peer: Int) -> Bool { nextSend[peer] < schedule.sends[peer].count }

  /// How far the run is with each peer.
  var traffic: [ControlMessage.Traffic] {
    schedule.sends.indices.filter { expects(from: $0) || owes(to: $0) }.map { peer in
      ControlMessage.Traffic(
        peer: peer, received: UInt32(nextReceive[peer]), isWaiting: receive(from: peer) != nil,
        sent: UInt32(nextSend[peer]), isBlocked: send(to: peer) != nil)
    }
  }

  func finishSend(to peer: Int) {
    finish(schedule.sends[peer][nextSend[peer]])
    nextSend[peer] += 1
    runLocalSteps()
  }

  func finishReceive(from peer: Int) {
    finish(schedule.receives[peer][nextReceive[peer]])
    nextReceive[peer] += 1
    if adder == peer {
      adder = nil
      finish(schedule.locals[nextLocal])
      nextLocal += 1
    }
    runLocalSteps()
  }

  /// What the next segment from a peer is to be added to while it arrives: where the next local step is that addition, and waits
  /// for nothing else. Once asked for, it counts as carried out when the segment is there.
  func arrivingTerm(from peer: Int) -> ArrivingTerm? {
    guard nextLocal < schedule.locals.count else { return nil }
    let arrival = schedule.receives[peer][nextReceive[peer]]
    let step = schedule.steps[schedule.locals[nextLocal]]
    guard case .add(let left, let right) = step.action, step.bytes == schedule.steps[arrival].bytes else { return nil }
    let region = schedule.steps[arrival].region
    guard left == region || right == region, isReady(schedule.locals[nextLocal], but: arrival) else { return nil }
    adder = peer
    let isLeft = left == region
    return ArrivingTerm(sum: address(step.region), other: address(isLeft ? right : left), isLeft: isLeft)
  }

  private func transfer(_ list: [Int], _ place: Int) -> Transfer? {
    guard place < list.count, isReady(list[place]) else { return nil }
    let step = schedule.steps[list[place]]
    let memory = UnsafeMutableRawBufferPointer(start: address(step.region), count: step.bytes)
    return Transfer(step: list[place], place: place, memory: memory)
  }

  private func isReady(_ step: Int, but exception: Int? = nil) -> Bool {
    for index in schedule.steps[step].after where !done[schedule.dependencies[index]] {
      if schedule.dependencies[index] != exception { return false }
    }
    return true
  }

  private func finish(_ step: Int) {
    done[step] = true
    remaining -= 1
  }

  private func runLocalSteps() {
    while nextLocal < schedule.locals.count, isReady(schedule.locals[nextLocal]) {
      let index = schedule.locals[nextLocal]
      let step = schedule.steps[index]
      switch step.action {
      case .add(let left, let right): add(step, left, right)
      case .copy(let source): address(step.region).copyMemory(from: address(source), byteCount: step.bytes)
      case .send, .receive: preconditionFailure("\(step.action) is not a local step")
      }
      finish(index)
      nextLocal += 1
    }
  }

  private func add(_ step: Schedule.Step, _ left: Schedule.Region, _ right: Schedule.Region) {
    System.add(
      address(step.region).assumingMemoryBound(to: Float.self), address(left).assumingMemoryBound(to: Float.self),
      address(right).assumingMemoryBound(to: Float.self), count: step.bytes / 4)
  }

  private func address(_ region: Schedule.Region) -> UnsafeMutableRawPointer {
    (region.buffer == Schedule.Region.scratch ? scratch : operation.buffers[region.buffer]) + region.offset
  }
}
