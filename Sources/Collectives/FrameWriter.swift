/// Sends frames over one link: holds the header, points at the payload, counts what is gone.
final class FrameWriter {
  private let header = UnsafeMutableRawPointer.allocate(byteCount: Frame.bytes, alignment: 64)
  private var payload = UnsafeRawBufferPointer(start: nil, count: 0)
  private var gone = 0
  private(set) var isIdle = true
  private var sequence: UInt64 = 0

  deinit { header.deallocate() }

  /// Starts a frame; the payload must stay in place until the frame is gone.
  func begin(_ frame: Frame, payload: UnsafeRawBufferPointer) {
    precondition(isIdle, "a frame begins in the middle of another")
    var frame = frame
    frame.sequence = sequence
    frame.length = payload.count
    frame.checksum = System.crc32c(payload)
    frame.encode(to: header)
    sequence += 1
    self.payload = payload
    gone = 0
    isIdle = false
  }

  /// What is still to be sent: the rest of the header, and the rest of the payload behind it.
  var pending: SendWindow {
    if isIdle { return SendWindow() }
    let headerGone = min(gone, Frame.bytes)
    return SendWindow(
      header: UnsafeRawBufferPointer(start: header + headerGone, count: Frame.bytes - headerGone),
      payload: UnsafeRawBufferPointer(rebasing: payload[(gone - headerGone)...]))
  }

  /// Notes that bytes are gone; returns whether they were the frame's last.
  func advance(_ count: Int) -> Bool {
    gone += count
    precondition(!isIdle && gone <= Frame.bytes + payload.count, "\(gone) bytes sent of a shorter frame")
    isIdle = gone == Frame.bytes + payload.count
    return isIdle
  }

  /// Forgets a frame that will never be finished.
  func abandon() {
    isIdle = true
    payload = UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// Bytes that a link wants to send, in two pieces.
package struct SendWindow {
  package var header: UnsafeRawBufferPointer
  package var payload: UnsafeRawBufferPointer

  package init(
    header: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    payload: UnsafeRawBufferPointer = .init(start: nil, count: 0)
  ) {
    self.header = header
    self.payload = payload
  }

  package var isEmpty: Bool { header.isEmpty && payload.isEmpty }
}
