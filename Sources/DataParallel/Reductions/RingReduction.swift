import Collectives

/// A reduce-scatter and an all-gather round a ring; a small vector is sent whole to everyone.
///
///     exchange      a + (p - 1) m + (p - 1) n max(b, w)           short vectors, longer ones of two ranks
///     ring          2 (p - 1) (a + m) + 2 (p - 1) / p n max(b, w)
package enum RingReduction: Reduction {
  package static let kind = "ring"
  package static let reason = "ring sends the least"
  package static let equalRanks: Int? = 2
  package static let takesWire = true

  package static func sum(
    _ buffers: [UnsafeMutablePointer<Float>], count: Int, shares: [Range<Int>], over group: any Group, name: String,
    step: Int
  ) throws {
    try group.allReduce(buffers[0], count: count, name: name, step: step)
  }

  package static func seconds(bytes: Int, subtrees: Int, _ costs: SumCosts) -> Double? {
    if costs.isExchanged(bytes: bytes) { return costs.exchange(bytes: Double(bytes)) }
    let rounds = 2 * costs.peers
    return rounds * (costs.latency + costs.message) + rounds / Double(costs.layout.ranks) * Double(bytes) * costs.byte()
  }
}
