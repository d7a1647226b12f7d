/// Sends frames over one link: holds the headers, points at the payloads, counts what is gone.
///
/// Several frames may be under way, so that one call of the system takes them together: large buffers cost a socket less.
package final class FrameWriter {
  /// Frames under way at once.
  private static let limit = 4

  private let headers = UnsafeMutableRawPointer.allocate(byteCount: limit * Frame.bytes, alignment: 64)
  /// Of the frames under way, the oldest first.
  private var payloads: [UnsafeRawBufferPointer] = []
  /// Place of the oldest frame's header among `headers`.
  private var first = 0
  /// Bytes of the oldest frame that are gone.
  private var gone = 0
  private var sequence: UInt64 = 0

  package init() { payloads.reserveCapacity(Self.limit) }

  deinit { headers.deallocate() }

  /// How many frames are under way.
  package var count: Int { payloads.count }
  package var isIdle: Bool { payloads.isEmpty }
  package var hasRoom: Bool { payloads.count < Self.limit }

  /// Starts a frame behind those under way; the payload must stay in place until the frame is gone.
  package func begin(_ frame: Frame, payload: UnsafeRawBufferPointer) {
    precondition(hasRoom, "a frame begins while \(count) others are under way")
    var frame = frame
    frame.sequence = sequence
    frame.length = payload.count
    frame.checksum = System.crc32c(payload)
    frame.encode(to: header(count))
    sequence += 1
    payloads.append(payload)
  }

  private func header(_ place: Int) -> UnsafeMutableRawPointer {
    headers + (first + place) % Self.limit * Frame.bytes
  }

  /// What is still to be sent: the rest of the oldest frame's header, the rest of its payload, and the frames behind it.
  package var pending: SendWindow {
    guard let payload = payloads.first else { return SendWindow() }
    let headerGone = min(gone, Frame.bytes)
    var window = SendWindow(
      header: UnsafeRawBufferPointer(start: header(0) + headerGone, count: Frame.bytes - headerGone),
      payload: UnsafeRawBufferPointer(rebasing: payload[(gone - headerGone)...]))
    for place in 1..<max(1, count) {
      window.behind.append(UnsafeRawBufferPointer(start: header(place), count: Frame.bytes))
      window.behind.append(payloads[place])
    }
    return window
  }

  /// Notes that bytes are gone; returns how many frames that ends.
  package func advance(_ bytes: Int) -> Int {
    gone += bytes
    var ended = 0
    while let payload = payloads.first, gone >= Frame.bytes + payload.count {
      gone -= Frame.bytes + payload.count
      first = (first + 1) % Self.limit
      payloads.removeFirst()
      ended += 1
    }
    precondition(!isIdle || gone == 0, "\(gone) bytes sent behind the last frame")
    return ended
  }

  /// Forgets frames that will never be finished.
  package func abandon() {
    payloads.removeAll(keepingCapacity: true)
    gone = 0
  }
}
