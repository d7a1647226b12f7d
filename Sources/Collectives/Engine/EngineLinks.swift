import Diagnostics
import Transport

// The engine's side of the links: which bytes go out, where bytes come in, and what they mean.

/// Framing of one control link: messages out in order, messages in.
final class ControlLink {
  let writer = FrameWriter()
  let reader = FrameReader()
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: ControlMessage.limit, alignment: 64)
  private let outgoing = UnsafeMutableRawBufferPointer.allocate(byteCount: ControlMessage.limit, alignment: 64)
  private var queue: [[UInt8]] = []

  deinit {
    room.deallocate()
    outgoing.deallocate()
  }

  func send(_ message: ControlMessage) { queue.append(message.encoded()) }

  /// Starts the next message, if one waits and none is under way.
  func prepare(_ place: Place, peer: Int) {
    guard writer.isIdle, !queue.isEmpty else { return }
    let bytes = queue.removeFirst()
    outgoing.copyBytes(from: bytes)
    let frame = Frame(
      kind: .control, source: place.rank, destination: peer, epoch: place.epoch, length: bytes.count)
    writer.begin(frame, payload: UnsafeRawBufferPointer(rebasing: outgoing[..<bytes.count]))
  }

  func room(for frame: Frame) -> UnsafeMutableRawBufferPointer? {
    frame.length <= room.count ? UnsafeMutableRawBufferPointer(rebasing: room[..<frame.length]) : nil
  }

  func message(of frame: Frame) -> ControlMessage? { ControlMessage(decoding: Array(room[..<frame.length])) }
}

extension Engine {
  // MARK: Out

  /// Which bytes to send on a link now; empty if there are none.
  package func sendWindow(_ link: Link) -> SendWindow {
    switch link {
    case .control(let peer):
      guard let control = controls[peer] else { return SendWindow() }
      control.prepare(place, peer: peer)
      return control.writer.pending
    case .data(let peer):
      if let run { begin(run, to: peer, in: writers[peer]) }
      return writers[peer].pending
    }
  }

  /// Begins a frame for each segment that is ready, as far as there is room.
  private func begin(_ run: OperationRun, to peer: Int, in writer: FrameWriter) {
    while writer.hasRoom, let transfer = run.send(to: peer, behind: writer.count) {
      var frame = Frame(
        kind: .data, source: place.rank, destination: peer, epoch: place.epoch, length: transfer.memory.count)
      frame.operation = run.sequence
      frame.signature = run.signature
      frame.offset = UInt64(transfer.place)
      writer.begin(frame, payload: UnsafeRawBufferPointer(transfer.memory))
      bytesSent += transfer.memory.count
    }
  }

  /// `count` bytes of the send window are gone.
  package func sent(_ count: Int, on link: Link, now: Nanoseconds) {
    switch link {
    case .control(let peer): _ = controls[peer]?.writer.advance(count)
    case .data(let peer):
      let ended = writers[peer].advance(count)
      if ended == 0 { return }
      for _ in 0..<ended { run?.finishSend(to: peer) }
      membership.moved += UInt64(ended)
      progress(now)
    }
  }

  /// Whether a control link still has messages to send.
  package func hasMore(on link: Link) -> Bool { !sendWindow(link).isEmpty }

  // MARK: In

  /// Where the next bytes of a link go; empty if none are wanted now.
  package func receiveWindow(_ link: Link) -> UnsafeMutableRawBufferPointer {
    switch link {
    case .control(let peer): return controls[peer]?.reader.window() ?? .init(start: nil, count: 0)
    case .data(let peer):
      guard verdict == nil, let run, run.pipeline == nil, run.expects(from: peer) else {
        return .init(start: nil, count: 0)
      }
      let reader = readers[peer]
      guard reader.expectsHeader else { return reader.window() }
      guard let transfer = run.receive(from: peer) else { return .init(start: nil, count: 0) }
      return reader.window(expecting: transfer.memory.count)
    }
  }

  /// `count` bytes have come into the receive window.
  package func received(_ count: Int, on link: Link, now: Nanoseconds) {
    switch link {
    case .control(let peer):
      guard let control = controls[peer] else { return }
      handle(control.reader.advance(count), of: control, from: peer, now: now)
    case .data(let peer): handle(readers[peer].advance(count), from: peer, now: now)
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

  private func handle(_ event: FrameReader.Event, from peer: Int, now: Nanoseconds) {
    switch event {
    case .nothing: break
    case .fault(let what): membership.suspect(peer, .corrupted, what, now: now)
    case .header(let frame):
      guard let run, let transfer = run.receive(from: peer) else {
        preconditionFailure("a header from rank \(peer) was read when none was wanted")
      }
      if let (cause, detail) = objection(to: frame, kind: .data, from: peer)
        ?? objection(to: frame, run: run, transfer: transfer)
      {
        return membership.suspect(peer, cause, detail, now: now)
      }
      let term = run.arrivingTerm(from: peer)
      handle(readers[peer].accept(transfer.memory, adding: term), from: peer, now: now)
    case .payload:
      run?.finishReceive(from: peer)
      membership.moved += 1
      progress(now)
    }
  }

  private func handle(_ event: FrameReader.Event, of control: ControlLink, from peer: Int, now: Nanoseconds) {
    switch event {
    case .nothing: break
    case .fault(let what): membership.suspect(peer, .corrupted, what, now: now)
    case .header(let frame):
      guard objection(to: frame, kind: .control, from: peer) == nil, let room = control.room(for: frame) else {
        return membership.suspect(peer, .corrupted, "a control frame that does not belong here", now: now)
      }
      handle(control.reader.accept(room), of: control, from: peer, now: now)
    case .payload(let frame):
      guard let message = control.message(of: frame) else {
        return membership.suspect(peer, .corrupted, "a control message that cannot be read", now: now)
      }
      switch message {
      case .inquiry, .report: membership.traffic = run?.traffic ?? []
      default: break
      }
      membership.receive(message, from: peer, now: now)
    }
  }

  private func objection(to frame: Frame, kind: Frame.Kind, from peer: Int) -> (Verdict.Cause, String)? {
    guard frame.kind == kind, frame.source == peer, frame.destination == place.rank else {
      return (.corrupted, "a frame from rank \(frame.source) to rank \(frame.destination) of kind \(frame.kind)")
    }
    return frame.epoch == place.epoch
      ? nil : (.corrupted, "a frame of attempt \(frame.epoch), where \(place.epoch) runs")
  }

  private func objection(
    to frame: Frame, run: OperationRun, transfer: OperationRun.Transfer
  ) -> (Verdict.Cause, String)? {
    if frame.operation != run.sequence || frame.signature != run.signature {
      return (.disagreed, "it is at operation \(frame.operation), or calls operation \(run.sequence) something else")
    }
    if frame.offset != UInt64(transfer.place) || frame.length != transfer.memory.count {
      return (
        .corrupted,
        "segment \(frame.offset) of \(frame.length) bytes, not \(transfer.place) of \(transfer.memory.count)"
      )
    }
    return nil
  }

  // MARK: Shared memory

  /// How often to look at the others' counters before the links and the clock are looked at again: less than a microsecond.
  private static let looks = 16

  /// Whether the operation that runs goes through shared memory.
  var sharesMemory: Bool { run?.pipeline != nil }

  /// Goes on by one step of a piece through shared memory, if it can without waiting; returns whether it did.
  func advanceShared(_ now: Nanoseconds) -> Bool {
    guard verdict == nil, let run, let pipeline = run.pipeline else { return false }
    var looks = 1
    while !pipeline.advance() {
      if looks == Self.looks { return false }
      looks += 1
      System.pause()
    }
    if let objection = pipeline.objection {
      membership.suspect(objection.rank, objection.cause, objection.detail, now: now)
      settle(now)
      return true
    }
    hostMemory?.wakeUp()
    membership.moved += 1
    progress(now)
    return true
  }

  private func progress(_ now: Nanoseconds) {
    guard let current = run, current.isComplete else { return }
    completeRunIfDone(now)
    startNext(now)
  }
}
