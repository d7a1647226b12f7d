import Glibc

/// Reads the lines of a file that grows, each once, from where it stopped before.
///
/// A file that was replaced or cut, as a resumed run does with its metrics, is read anew. A line counts when its newline is
/// there; one that is too long to be true is passed over without being held.
struct LineFollower {
  enum Change { case none, grown, replaced }

  let path: String
  private var offset: off_t = 0
  private var identity: [UInt64] = []
  private var partial: [UInt8] = []
  private var isSkipping = false

  /// Bytes of the longest line that is held.
  static let longestLine = 1 << 20
  private static let chunk = 1 << 20

  init(_ path: String) { self.path = path }

  /// Hands over the lines that are complete and new.
  /// - Parameters:
  ///   - anew: called first where the file is another one than before.
  ///   - line: a line without its newline; the bytes are valid during the call.
  mutating func read(anew: () -> Void, line: (UnsafeBufferPointer<UInt8>) -> Void) -> Change {
    // Without waiting, should it be a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return forget(anew) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return forget(anew) }
    let found = [UInt64(status.st_dev), UInt64(status.st_ino)]
    let isReplaced = found != identity || status.st_size < offset
    if isReplaced {
      _ = forget(anew)
      identity = found
    }
    let isGrown = follow(descriptor, to: status.st_size, line)
    return isReplaced ? .replaced : isGrown ? .grown : .none
  }

  private mutating func forget(_ anew: () -> Void) -> Change {
    guard !identity.isEmpty else { return .none }
    (offset, identity, isSkipping) = (0, [], false)
    partial.removeAll()
    anew()
    return .replaced
  }

  /// - Returns: whether a line was complete.
  private mutating func follow(
    _ descriptor: Int32, to size: off_t, _ line: (UnsafeBufferPointer<UInt8>) -> Void
  ) -> Bool {
    guard offset < size else { return false }
    var buffer = [UInt8](repeating: 0, count: min(Self.chunk, Int(size - offset)))
    var isGrown = false
    while offset < size {
      let count = pread(descriptor, &buffer, min(buffer.count, Int(size - offset)), offset)
      guard count > 0 else { break }
      offset += off_t(count)
      buffer.withUnsafeBufferPointer { bytes in
        if split(UnsafeBufferPointer(rebasing: bytes[..<count]), line) { isGrown = true }
      }
    }
    return isGrown
  }

  private mutating func split(
    _ bytes: UnsafeBufferPointer<UInt8>, _ line: (UnsafeBufferPointer<UInt8>) -> Void
  ) -> Bool {
    var start = 0
    var isGrown = false
    while start < bytes.count, let found = memchr(bytes.baseAddress! + start, 0x0A, bytes.count - start) {
      let end = bytes.baseAddress!.distance(to: found.assumingMemoryBound(to: UInt8.self))
      let piece = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if isSkipping || partial.count + piece.count > Self.longestLine {
        isSkipping = false
      } else if partial.isEmpty {
        line(piece)
      } else {
        partial.append(contentsOf: piece)
        partial.withUnsafeBufferPointer(line)
      }
      partial.removeAll(keepingCapacity: false)
      isGrown = true
      start = end + 1
    }
    keep(UnsafeBufferPointer(rebasing: bytes[start...]))
    return isGrown
  }

  /// Holds the beginning of a line whose end is still to come.
  private mutating func keep(_ rest: UnsafeBufferPointer<UInt8>) {
    guard !isSkipping, !rest.isEmpty else { return }
    if partial.count + rest.count > Self.longestLine {
      isSkipping = true
      partial.removeAll()
    } else {
      partial.append(contentsOf: rest)
    }
  }
}
