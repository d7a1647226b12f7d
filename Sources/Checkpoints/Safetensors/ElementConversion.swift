/// Writes `body` of every little-endian word in `bytes` to `destination`; the loop is left to the vectoriser.
@inline(__always)
func convert<Word: FixedWidthInteger>(
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

/// Whether one of the values is infinite or not a number; without a branch in the loop, so that it vectorises.
func holdsNonFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
  var found: UInt32 = 0
  for index in values.indices {
    found |= (values[index].bitPattern & 0x7F80_0000 == 0x7F80_0000) ? 1 : 0
  }
  return found != 0
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
