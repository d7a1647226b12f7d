/// Receives frames over one link: first the header, then the payload to wherever its reader wants it.
package final class FrameReader {
  /// Payloads up to this come with their header and are copied: that is sooner done than a second call of the system.
  private static let shortPayload = 8 << 10

  private let header = UnsafeMutableRawPointer.allocate(byteCount: Frame.bytes + shortPayload, alignment: 64)
  private var filled = 0
  /// Bytes of the payload that came with the header.
  private var early = 0
  private var sequence: UInt64 = 0
  private var frame: Frame?
  private var payload = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// What the payload is added to as it arrives.
  private var term: ArrivingTerm?
  /// How much of the payload the checksum covers.
  private var checked = 0
  private var checksum: UInt32 = 0
  private var isBroken = false

  package init() {}

  deinit { header.deallocate() }

  /// What the arrival of bytes brought about.
  package enum Event {
    case nothing
    /// A header is complete; `accept` or the end of the link must follow.
    case header(Frame)
    /// A payload is complete and fits its checksum.
    case payload(Frame)
    /// The link cannot be trusted any more.
    case fault(String)
  }

  /// Whether the next bytes are a header's.
  package var expectsHeader: Bool { frame == nil && !isBroken }

  /// Where the next bytes go; empty while a header waits to be accepted, and for ever after a fault.
  /// - Parameter length: how long a payload would be that is welcome behind the next header; less is never accepted after.
  package func window(expecting length: Int = 0) -> UnsafeMutableRawBufferPointer {
    guard expectsHeader else { return UnsafeMutableRawBufferPointer(rebasing: payload[filled...]) }
    let room = Frame.bytes + (length <= Self.shortPayload ? length : 0)
    return UnsafeMutableRawBufferPointer(start: header + filled, count: room - filled)
  }

  /// Notes that bytes have come into the window.
  package func advance(_ count: Int) -> Event {
    guard let frame else {
      filled += count
      return filled >= Frame.bytes ? parse() : .nothing
    }
    return advance(count, of: frame)
  }

  private func advance(_ count: Int, of frame: Frame) -> Event {
    filled += count
    let isWhole = filled == payload.count
    // An addition takes whole vectors at a time, as far as there are any.
    let ready = term == nil || isWhole ? filled : filled / 64 * 64
    let fresh = UnsafeRawBufferPointer(rebasing: payload[checked..<ready])
    if let term {
      checksum = System.crc32c(fresh, continuing: checksum, adding: term, at: checked)
    } else {
      checksum = System.crc32c(fresh, continuing: checksum)
    }
    checked = ready
    return isWhole ? finish(frame) : .nothing
  }

  /// Says where the payload of the frame just announced goes; a frame whose payload is there is complete at once.
  /// - Parameter term: what it is added to on the way, if anything.
  package func accept(_ memory: UnsafeMutableRawBufferPointer, adding term: ArrivingTerm? = nil) -> Event {
    guard let frame else { preconditionFailure("no frame was announced") }
    precondition(memory.count == frame.length, "\(memory.count) bytes of room for a payload of \(frame.length)")
    precondition(early <= memory.count, "\(early) bytes came with a header that announces \(memory.count)")
    payload = memory
    self.term = term
    memory.copyMemory(from: UnsafeRawBufferPointer(start: header + Frame.bytes, count: early))
    return advance(early, of: frame)
  }

  private func parse() -> Event {
    early = filled - Frame.bytes
    filled = 0
    checked = 0
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
    term = nil
    payload = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    return checksum == frame.checksum ? .payload(frame) : fault("a payload that does not fit its checksum")
  }

  private func fault(_ what: String) -> Event {
    isBroken = true
    return .fault(what)
  }
}
