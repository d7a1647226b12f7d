import CCompression

/// How floats are written to send fewer bytes of them.
public enum WireFormat: String, Sendable, CaseIterable {
  /// The upper half of each: 8 bits of precision, all of the range.
  case bf16
  /// A whole number from -127 to 127 each, and a scale for every 256 of them.
  case int8

  /// Elements that are encoded together; a vector is cut at multiples of it.
  public static let block = Int(COMPRESSION_BLOCK)

  /// Bytes of the code of `count` floats, in whole fours.
  public func bytes(_ count: Int) -> Int {
    switch self {
    case .bf16: (2 * count + 3) / 4 * 4
    case .int8: 4 * Self.blocks(count) + (count + 3) / 4 * 4
    }
  }

  private static func blocks(_ count: Int) -> Int { (count + block - 1) / block }

  /// Encodes `values + residual`; the residual becomes what the code leaves out of that sum.
  ///
  /// - Parameter code: room for `bytes(count)`, aligned to 4.
  package func encode(
    _ values: UnsafePointer<Float>, residual: UnsafeMutablePointer<Float>, count: Int,
    into code: UnsafeMutableRawPointer
  ) {
    switch self {
    case .bf16: compression_encode_bf16(code.assumingMemoryBound(to: UInt16.self), values, residual, count)
    case .int8:
      let (scales, codes) = Self.parts(code, count)
      compression_encode_int8(scales, codes, values, residual, count)
    }
  }

  /// Sets `values` to what a code stands for.
  package func decode(_ code: UnsafeMutableRawPointer, count: Int, into values: UnsafeMutablePointer<Float>) {
    switch self {
    case .bf16: compression_decode_bf16(values, code.assumingMemoryBound(to: UInt16.self), count)
    case .int8:
      let (scales, codes) = Self.parts(code, count)
      compression_decode_int8(values, scales, codes, count)
    }
  }

  /// Adds to `values` what a code stands for.
  package func add(_ code: UnsafeMutableRawPointer, count: Int, to values: UnsafeMutablePointer<Float>) {
    switch self {
    case .bf16: compression_add_bf16(values, code.assumingMemoryBound(to: UInt16.self), count)
    case .int8:
      let (scales, codes) = Self.parts(code, count)
      compression_add_int8(values, scales, codes, count)
    }
  }

  /// Scales first, then the numbers.
  private static func parts(
    _ code: UnsafeMutableRawPointer, _ count: Int
  ) -> (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int8>) {
    (code.assumingMemoryBound(to: Float.self), (code + 4 * blocks(count)).assumingMemoryBound(to: Int8.self))
  }
}
