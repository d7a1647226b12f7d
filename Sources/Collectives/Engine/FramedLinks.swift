import Diagnostics
import Transport

/// The frames on all links of one rank: which bytes go out, where bytes come in, and whether they are what was due.
///
/// What is due on a data link follows from the operation that runs. It draws no consequences from what came.
final class FramedLinks {
  /// What the arrival of bytes brought about.
  enum Arrival {
    case nothing
    /// A segment of the operation that runs is there.
    case segment
    case message(ControlMessage)
    /// What came is not what was due.
    case objection(Verdict.Cause, String)
  }

  private let info: RankInfo
  private let writers: [FrameWriter]
  private let readers: [FrameReader]
  private let controls: [ControlLink?]
  /// Bytes of operations that this rank has begun to send over its data links; frames' headers are not counted.
  private(set) var bytesSent = 0

  /// - Parameter contacts: the ranks that this one has a control link to.
  init(info: RankInfo, contacts: Range<Int>) {
    self.info = info
    writers = (0..<info.size).map { _ in FrameWriter() }
    readers = (0..<info.size).map { _ in FrameReader() }
    controls = (0..<info.size).map { contacts.contains($0) ? ControlLink() : nil }
  }

  // MARK: Out

  /// Puts a message behind those that wait for a control link.
  func send(_ message: ControlMessage, to peer: Int) { controls[peer]?.send(message) }

  /// Which bytes to send on a link now; empty if there are none.
  func sendWindow(_ link: Link, of run: OperationRun?) -> SendWindow {
    switch link {
    case .control(let peer):
      guard let control = controls[peer] else { return SendWindow() }
      control.prepare(info, peer: peer)
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
        kind: .data, source: info.rank, destination: peer, epoch: info.epoch, length: transfer.memory.count)
      frame.operation = run.sequence
      frame.signature = run.signature
      frame.offset = UInt64(transfer.place)
      writer.begin(frame, payload: UnsafeRawBufferPointer(transfer.memory))
      bytesSent += transfer.memory.count
    }
  }

  /// Notes that `count` bytes of the send window are gone; returns how many segments that completes.
  func sent(_ count: Int, on link: Link) -> Int {
    switch link {
    case .control(let peer):
      _ = controls[peer]?.writer.advance(count)
      return 0
    case .data(let peer): return writers[peer].advance(count)
    }
  }

  /// Lets go of all memory that operations lent.
  func abandon() {
    for writer in writers { writer.abandon() }
  }

  // MARK: In

  /// Where the next bytes of a link go; empty if none are wanted now.
  func receiveWindow(_ link: Link, of run: OperationRun?) -> UnsafeMutableRawBufferPointer {
    let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    switch link {
    case .control(let peer): return controls[peer]?.reader.window() ?? none
    case .data(let peer):
      guard let run, run.pipeline == nil, run.expects(from: peer) else { return none }
      let reader = readers[peer]
      guard reader.expectsHeader else { return reader.window() }
      guard let transfer = run.receive(from: peer) else { return none }
      return reader.window(expecting: transfer.memory.count)
    }
  }

  /// Takes `count` bytes that have come into the receive window.
  func received(_ count: Int, on link: Link, of run: OperationRun?) -> Arrival {
    switch link {
    case .control(let peer):
      guard let control = controls[peer] else { return .nothing }
      return arrival(control.reader.advance(count), of: control, from: peer)
    case .data(let peer): return arrival(readers[peer].advance(count), from: peer, of: run)
    }
  }

  private func arrival(_ event: FrameReader.Event, from peer: Int, of run: OperationRun?) -> Arrival {
    switch event {
    case .nothing: return .nothing
    case .fault(let what): return .objection(.corrupted, what)
    case .header(let frame):
      guard let run, let transfer = run.receive(from: peer) else {
        preconditionFailure("a header from rank \(peer) was read when none was wanted")
      }
      if let (cause, detail) = objection(to: frame, kind: .data, from: peer)
        ?? objection(to: frame, run: run, transfer: transfer)
      {
        return .objection(cause, detail)
      }
      let term = run.arrivingTerm(from: peer)
      return arrival(readers[peer].accept(transfer.memory, adding: term), from: peer, of: run)
    case .payload: return .segment
    }
  }

  private func arrival(_ event: FrameReader.Event, of control: ControlLink, from peer: Int) -> Arrival {
    switch event {
    case .nothing: return .nothing
    case .fault(let what): return .objection(.corrupted, what)
    case .header(let frame):
      guard objection(to: frame, kind: .control, from: peer) == nil, let room = control.room(for: frame) else {
        return .objection(.corrupted, "a control frame that does not belong here")
      }
      return arrival(control.reader.accept(room), of: control, from: peer)
    case .payload(let frame):
      guard let message = control.message(of: frame) else {
        return .objection(.corrupted, "a control message that cannot be read")
      }
      return .message(message)
    }
  }

  private func objection(to frame: Frame, kind: Frame.Kind, from peer: Int) -> (Verdict.Cause, String)? {
    guard frame.kind == kind, frame.source == peer, frame.destination == info.rank else {
      return (.corrupted, "a frame from rank \(frame.source) to rank \(frame.destination) of kind \(frame.kind)")
    }
    return frame.epoch == info.epoch
      ? nil : (.corrupted, "a frame of start \(frame.epoch), where start \(info.epoch) runs")
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
}
