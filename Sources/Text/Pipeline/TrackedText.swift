/// A text in valid UTF-8 that is being rewritten, and where its bytes came from.
///
/// Origins follow the library `tokenizers`: an inserted character has that of the one before it, and a character that
/// became several gives all of them its own.
struct TrackedText {
  /// The bytes of the original text that a byte stands for: those of whole characters.
  struct Origin {
    var start: Int32
    var end: Int32
  }

  var bytes: [UInt8] = []
  /// One a byte, or none at all where nobody asks for them.
  var origins: [Origin] = []
  let isTracked: Bool

  init(isTracked: Bool) { self.isTracked = isTracked }

  /// A stretch of the original text.
  init(_ stretch: UnsafeBufferPointer<UInt8>, at offset: Int, isTracked: Bool) {
    self.isTracked = isTracked
    bytes = Array(stretch)
    guard isTracked else { return }
    origins.reserveCapacity(bytes.count)
    var position = 0
    while position < stretch.count {
      let length = UTF8Decoding.scalar(in: stretch, at: position).length
      let origin = Origin(start: Int32(offset + position), end: Int32(offset + position + length))
      for _ in 0..<length { origins.append(origin) }
      position += length
    }
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
  }

  /// Appends bytes of another text.
  @inline(__always)
  mutating func append(_ range: Range<Int>, of other: borrowing TrackedText) {
    bytes.append(contentsOf: other.bytes[range])
    if isTracked { origins.append(contentsOf: other.origins[range]) }
  }

  /// Appends bytes that all stand for what one byte of another text stands for.
  @inline(__always)
  mutating func append(_ new: some Collection<UInt8>, like position: Int, of other: borrowing TrackedText) {
    bytes.append(contentsOf: new)
    if isTracked { origins.append(contentsOf: repeatElement(other.origins[position], count: new.count)) }
  }

  /// Calls a closure with each character and its bytes.
  func eachScalar(_ body: (Unicode.Scalar, Range<Int>) -> Void) {
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: position)
        body(scalar, position..<position + length)
        position += length
      }
    }
  }
}
