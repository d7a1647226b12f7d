/// Appends numbers (little-endian), strings and byte strings to a message.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  /// A byte string with its length in front (at most 65,535 bytes; the rest is cut off).
  package mutating func write(_ string: [UInt8]) {
    let kept = string.prefix(Int(UInt16.max))
    write(UInt16(kept.count))
    bytes += kept
  }

  package mutating func write(_ string: String) { write(Array(string.utf8)) }

  /// Bytes as they are, of a length that the reader knows.
  package mutating func append(_ raw: some Sequence<UInt8>) { bytes += raw }
}

/// Takes a message apart again; every read checks that the bytes are there.
package struct ByteReader {
  /// The message ended too early.
  package struct Truncated: Error {
    package init() {}
  }

  private var rest: ArraySlice<UInt8>

  package init(_ bytes: [UInt8]) { rest = bytes[...] }

  package mutating func take(_ count: Int) throws(Truncated) -> [UInt8] {
    guard count <= rest.count else { throw Truncated() }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  package mutating func read<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(Truncated) -> Number {
    try take(Number.bitWidth / 8).reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  package mutating func readBytes() throws(Truncated) -> [UInt8] { try take(Int(read(UInt16.self))) }

  package mutating func readString() throws(Truncated) -> String { String(decoding: try readBytes(), as: UTF8.self) }
}
