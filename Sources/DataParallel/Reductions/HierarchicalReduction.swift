import Collectives

/// The ranks of a host among themselves, then rank l of each host with the others' rank l round a ring.
///
///     hierarchical  n c + 2 (h - 1) (a + m) + 2 (h - 1) / h n max(b, w / ranks of a host)      c: a byte in shared memory
package enum HierarchicalReduction: Reduction {
  package static let kind = "hierarchical"
  package static let reason = "hierarchical suits several ranks a host"
  package static let equalRanks: Int? = 2

  package static func sum(
    _ buffers: [UnsafeMutablePointer<Float>], count: Int, shares: [Range<Int>], over group: any Group, name: String,
    step: Int
  ) throws {
    try group.allReduceOverHosts(buffers[0], count: count, name: name, step: step)
  }

  package static func seconds(bytes: Int, subtrees: Int, _ costs: SumCosts) -> Double? {
    let (vector, layout) = (Double(bytes), costs.layout)
    let inside = layout.ranksOfHost > 1 ? vector * costs.sharedByte : 0
    guard layout.hosts > 1 else { return inside + costs.message }
    let rounds = 2 * Double(layout.hosts - 1)
    let share = 1 / Double(layout.ranksOfHost)
    return inside + rounds * (costs.latency + costs.message) + rounds / Double(layout.hosts) * vector
      * costs.byte(work: share)
  }
}
