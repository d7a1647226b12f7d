import Collectives

/// The subtrees of every rank, sent to the owner of each chunk, who adds them in the order of the tree over all microbatches:
/// the same bits at any number of ranks.
///
///     ordered       2 a + (p - 1) (s + 1) m + (p - 1) / p (s + 1) n max(b, w)         s subtrees a rank, 1 for powers of two
package enum OrderedReduction: Reduction {
  package static let kind = "ordered"
  package static let reason = "ordered gives the same bits at any number of ranks"
  package static let equalRanks: Int? = nil
  package static let keepsSubtrees = true

  package static func sum(
    _ buffers: [UnsafeMutablePointer<Float>], count: Int, shares: [Range<Int>], over group: any Group, name: String,
    step: Int
  ) throws {
    try group.allReduceOrdered(shares: shares, buffers: buffers, count: count, name: name, step: step)
  }

  package static func seconds(bytes: Int, subtrees: Int, _ costs: SumCosts) -> Double? {
    let (parts, peers) = (Double(subtrees + 1), costs.peers)
    return 2 * costs.latency + peers * parts * costs.message + peers / Double(costs.layout.ranks) * parts
      * Double(bytes) * costs.byte()
  }
}
