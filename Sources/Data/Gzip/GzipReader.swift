import CZlib
import Tensors

/// Undoes gzip piece by piece, so that nobody allocates more than was asked for.
///
/// Several members, one behind the other, are one content (RFC 1952, section 2.2); anything else behind a member is an error.
final class GzipReader {
  /// What went wrong, in zlib's words.
  struct Failure: Error {
    let reason: String
  }

  /// No byte of deflated data gives more than this (zlib's technical notes: 1032 to 1).
  static let largestRatio = 1032

  private let compressed: [UInt8]
  private var position = 0
  private var isAtEnd = false
  /// zlib keeps the address of this structure, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  /// The first bytes of a member.
  private static let mark: [UInt8] = [0x1F, 0x8B]

  static func isGzip(_ content: [UInt8]) -> Bool { content.starts(with: mark) }

  init(_ compressed: [UInt8]) {
    self.compressed = compressed
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 asks for a gzip header; 15 is the largest window.
    let status = inflateInit2_(stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    require(status == Z_OK, "zlib cannot start (\(status))")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The next bytes: as many as asked for, or fewer at the end of the data, whose checksums zlib has then verified.
  func read(_ count: Int) throws(Failure) -> [UInt8] {
    var failure: Failure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, !isAtEnd, failure == nil {
        failure = inflateOnce(UnsafeMutableBufferPointer(rebasing: buffer[filled...]), filled: &filled)
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Begins the next member; there is none at the end of the file.
  private func endMember(_ input: UnsafeBufferPointer<UInt8>) -> Failure? {
    let rest = input[position...]
    if rest.starts(with: Self.mark), inflateReset(stream) == Z_OK { return nil }
    isAtEnd = true
    return rest.isEmpty ? nil : Failure(reason: "bytes follow the end of the data")
  }

  private func inflateOnce(_ free: UnsafeMutableBufferPointer<UInt8>, filled: inout Int) -> Failure? {
    compressed.withUnsafeBufferPointer { input in
      let (available, room) = (min(input.count - position, 1 << 30), min(free.count, 1 << 30))
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.advanced(by: position))
      stream.pointee.avail_in = UInt32(available)
      stream.pointee.next_out = free.baseAddress
      stream.pointee.avail_out = UInt32(room)
      let status = inflate(stream, Z_NO_FLUSH)
      position += available - Int(stream.pointee.avail_in)
      filled += room - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK: return nil
      case Z_STREAM_END: return endMember(input)
      case Z_BUF_ERROR: return Failure(reason: "the data ends too early")
      default: return Failure(reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)")
      }
    }
  }
}
