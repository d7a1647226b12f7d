/// The counter-based random number generator Philox 4x32-10.
///
/// A pure function of a 128-bit counter and a 64-bit key: nothing to save, nothing that depends on the order of draws.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public enum Philox {
  public typealias Key = SIMD2<UInt32>
  public typealias Block = SIMD4<UInt32>

  /// Four random words for one counter.
  @inlinable public static func block(counter: Block, key: Key) -> Block {
    var counter = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key &+= Key(0x9E37_79B9, 0xBB67_AE85) }
      let first = UInt64(0xD251_1F53) * UInt64(counter.x)
      let second = UInt64(0xCD9E_8D57) * UInt64(counter.z)
      counter = Block(
        UInt32(truncatingIfNeeded: second >> 32) ^ counter.y ^ key.x, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ counter.w ^ key.y, UInt32(truncatingIfNeeded: first))
    }
    return counter
  }
}
