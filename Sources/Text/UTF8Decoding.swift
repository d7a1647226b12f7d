/// Steps over UTF-8 that is known to be valid.
enum UTF8Decoding {
  /// The scalar that starts at a position, and its length in bytes.
  @inline(__always)
  static func scalar(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = UInt32(bytes[position])
    if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = first & (0x7F >> UInt32(length))
    for index in 1..<length { value = value << 6 | UInt32(bytes[position + index]) & 0x3F }
    guard let scalar = Unicode.Scalar(value) else { preconditionFailure("no valid UTF-8 at byte \(position)") }
    return (scalar, length)
  }

  /// The scalar that ends before a position, and its length in bytes.
  static func scalar(
    in bytes: UnsafeBufferPointer<UInt8>, before position: Int
  ) -> (scalar: Unicode.Scalar, length: Int) {
    var start = position - 1
    while bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(in: bytes, at: start)
  }

  /// The number of scalars: of bytes that do not continue another one.
  static func count(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    bytes.count <= 1 ? bytes.count : bytes.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  /// The length in bytes of the scalar that starts with a byte.
  @inline(__always)
  static func length(_ first: UInt8) -> Int { first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4 }

  /// Where the scalars of a range start.
  static func starts(in bytes: [UInt8], _ range: Range<Int>) -> [Int] {
    range.filter { bytes[$0] & 0xC0 != 0x80 }
  }
}
