/// Which elements a dropout site keeps in one pass, as a pure function of their coordinates: never stored, drawn again in
/// the backward pass.
///
/// Element (row, outer, inner) is kept when its 16 random bits are at least `threshold`; kept elements are multiplied by
/// `scale`. The probability is rounded to a multiple of 2⁻¹⁶ and the scale is exact for it, so the expectation is exact.
/// Eight neighbouring `inner` coordinates share one Philox block: element `inner` takes the low (even) or high (odd) half
/// of word `(inner % 8) / 2` of block `inner / 8`.
public struct DropoutMask: Sendable, Hashable {
  public let stream: RandomStream
  public let threshold: UInt32
  public let scale: Float

  /// Nil where nothing is dropped. A probability outside 0 ..< 1 traps.
  public init?(stream: RandomStream, probability: Double) {
    require((0..<1).contains(probability), "a dropout probability lies in 0 ..< 1, not \(probability)")
    threshold = UInt32((probability * 65536).rounded())
    guard threshold > 0 else { return nil }
    self.stream = stream
    scale = Float(65536 / (65536 - Double(threshold)))
  }

  /// Whether the element at a coordinate is kept: the naive twin of the vectorised masks.
  public func keeps(row: UInt32, outer: UInt32, inner: Int) -> Bool {
    let word = stream.words(row: row, outer: outer, block: UInt64(inner / 8))[inner % 8 / 2]
    return (inner % 2 == 0 ? word & 0xFFFF : word >> 16) >= threshold
  }
}
