/// Files of the IDX format, made by hand.
enum IDXBytes {
  static func idx(dimensions: [UInt32], values: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 8, UInt8(dimensions.count)]
    for dimension in dimensions { bytes += bigEndian(dimension) }
    return bytes + values
  }

  /// Gzip without compression: one stored block (RFC 1951, RFC 1952).
  static func gzip(_ content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]
    bytes += littleEndian(UInt16(content.count))
    bytes += littleEndian(~UInt16(content.count))
    bytes += content
    bytes += littleEndian(checksum(content))
    bytes += littleEndian(UInt32(content.count))
    return bytes
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}
