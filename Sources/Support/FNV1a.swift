/// FNV-1a, 64 bits: a hash that is the same in every process, and that can be continued byte by byte.
///
/// Public, and not seen by the package alone, because only so the loops of other modules take it in.
///
/// Source: Fowler, Noll, Vo, http://www.isthe.com/chongo/tech/comp/fnv/.
@frozen
public struct FNV1a: Sendable {
  public var value: UInt64

  @inlinable @inline(__always)
  public init() { value = 0xCBF2_9CE4_8422_2325 }

  /// The hash of some bytes.
  @inlinable
  public init(_ bytes: some Sequence<UInt8>) {
    self.init()
    for byte in bytes { add(byte) }
  }

  @inlinable @inline(__always)
  public mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  /// Adds the eight bytes of a word, the lowest first.
  @inlinable
  public mutating func add(_ word: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
  }

  /// FNV-1a, 32 bits.
  package static func short(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
