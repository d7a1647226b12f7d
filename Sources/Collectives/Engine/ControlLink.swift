import Transport

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
  func prepare(_ info: RankInfo, peer: Int) {
    guard writer.isIdle, !queue.isEmpty else { return }
    let bytes = queue.removeFirst()
    outgoing.copyBytes(from: bytes)
    let frame = Frame(
      kind: .control, source: info.rank, destination: peer, epoch: info.epoch, length: bytes.count)
    writer.begin(frame, payload: UnsafeRawBufferPointer(rebasing: outgoing[..<bytes.count]))
  }

  func room(for frame: Frame) -> UnsafeMutableRawBufferPointer? {
    frame.length <= room.count ? UnsafeMutableRawBufferPointer(rebasing: room[..<frame.length]) : nil
  }

  func message(of frame: Frame) -> ControlMessage? { ControlMessage(decoding: Array(room[..<frame.length])) }
}
