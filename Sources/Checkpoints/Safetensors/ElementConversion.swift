/// Elements of a file as single-precision numbers.
package enum FloatConversion {
  /// Converts the little-endian elements in `bytes` (F32, F16, BF16 or F64) into `destination`, which must have their count.
  /// - Returns: false, and writes nothing, where the type is not one of floating-point numbers.
  package static func convert(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, to destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(
      bytes.count == destination.count * type.width, "\(bytes.count) bytes of \(type) for \(destination.count) numbers")
    switch type {
    case .float32: UnsafeMutableRawBufferPointer(destination).copyMemory(from: bytes)
    case .float16: fill(bytes, to: destination) { (bits: UInt16) in singleFromHalf(bits) }
    case .bfloat16: fill(bytes, to: destination) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .float64: fill(bytes, to: destination) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    default: return false
    }
    return true
  }

  /// Whether no value is infinite or not a number; without a branch in the loop, so that it vectorises.
  package static func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    var found: UInt32 = 0
    for index in values.indices {
      found |= (values[index].bitPattern & 0x7F80_0000 == 0x7F80_0000) ? 1 : 0
    }
    return found == 0
  }
}

/// Writes `body` of every little-endian word in `bytes` to `destination`; the loop is left to the vectoriser.
@inline(__always)
private func fill<Word: FixedWidthInteger>(
  _ bytes: UnsafeRawBufferPointer, to destination: UnsafeMutableBufferPointer<Float>, _ body: (Word) -> Float
) {
  for index in destination.indices { destination[index] = body(word(bytes, index)) }
}

/// `body` of every little-endian word in `bytes`.
@inline(__always)
func elements<Word: FixedWidthInteger, Value>(
  _ bytes: UnsafeRawBufferPointer, _ body: (Word) throws -> Value
) rethrows -> [Value] {
  try (0..<bytes.count / MemoryLayout<Word>.size).map { try body(word(bytes, $0)) }
}

@inline(__always)
private func word<Word: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Word {
  Word(littleEndian: bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self))
}

/// The single-precision number equal to the half-precision number of these bits.
///
/// Integer arithmetic and one exact subtraction, so that it vectorises without F16C and is right when subnormal
/// operands count as zero (DAZ): the half's subnormals are rebuilt from 2^-14 + fraction, a normal number.
@inline(__always)
func singleFromHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF) << 13
  let exponent = bits & 0x7C00
  let smallestNormal = UInt32(113) << 23
  let subnormal = (Float(bitPattern: smallestNormal + magnitude) - Float(bitPattern: smallestNormal)).bitPattern
  let rebiased = magnitude + (exponent == 0x7C00 ? UInt32(224) << 23 : UInt32(112) << 23)
  return Float(bitPattern: sign | (exponent == 0 ? subnormal : rebiased))
}
