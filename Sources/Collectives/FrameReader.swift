/// Receives frames over one link: first the header, then the payload to wherever its reader wants it.
final class FrameReader {
  private let header = UnsafeMutableRawPointer.allocate(byteCount: Frame.bytes, alignment: 64)
  private var filled = 0
  private var sequence: UInt64 = 0
  private var frame: Frame?
  private var payload = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var checksum: UInt32 = 0
  private var isBroken = false

  deinit { header.deallocate() }

  /// What the arrival of bytes brought about.
  enum Event {
    case nothing
    /// A header is complete; `accept` or the end of the link must follow.
    case header(Frame)
    /// A payload is complete and fits its checksum.
    case payload(Frame)
    /// The link cannot be trusted any more.
    case fault(String)
  }

  /// Whether the next bytes are a header's.
  var expectsHeader: Bool { frame == nil && !isBroken }

  /// Where the next bytes go; empty while a header waits to be accepted, and for ever after a fault.
  var window: UnsafeMutableRawBufferPointer {
    expectsHeader
      ? UnsafeMutableRawBufferPointer(start: header + filled, count: Frame.bytes - filled)
      : UnsafeMutableRawBufferPointer(rebasing: payload[filled...])
  }

  /// Notes that bytes have come into the window.
  func advance(_ count: Int) -> Event {
    guard let frame else {
      filled += count
      return filled == Frame.bytes ? parse() : .nothing
    }
    let fresh = UnsafeRawBufferPointer(rebasing: payload[filled..<filled + count])
    checksum = System.crc32c(fresh, continuing: checksum)
    filled += count
    return filled == payload.count ? finish(frame) : .nothing
  }

  /// Says where the payload of the frame just announced goes; a frame without payload is complete at once.
  func accept(_ memory: UnsafeMutableRawBufferPointer) -> Event {
    guard let frame else { preconditionFailure("no frame was announced") }
    precondition(memory.count == frame.length, "\(memory.count) bytes of room for a payload of \(frame.length)")
    payload = memory
    return memory.isEmpty ? finish(frame) : .nothing
  }

  private func parse() -> Event {
    filled = 0
    checksum = 0
    payload = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    do {
      let parsed = try Frame(decoding: header)
      guard parsed.sequence == sequence else {
        return fault("frame \(parsed.sequence) where frame \(sequence) was due")
      }
      sequence += 1
      frame = parsed
      return .header(parsed)
    } catch {
      return fault("\(error)")
    }
  }

  private func finish(_ frame: Frame) -> Event {
    filled = 0
    self.frame = nil
    payload = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    return checksum == frame.checksum ? .payload(frame) : fault("a payload that does not fit its checksum")
  }

  private func fault(_ what: String) -> Event {
    isBroken = true
    return .fault(what)
  }
}
