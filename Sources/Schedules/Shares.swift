/// Which leaves each rank holds.
extension SummationTree {
  /// The leaves that each rank holds: contiguous, in rank order, as many as its weight asks for to within one.
  ///
  /// A power of two of equal ranks halves the tree itself, so that every share is one node (or empty): cuts at
  /// multiples of leaves / ranks would miss the nodes from 8 ranks on. Otherwise the cuts are ⌈leaves × (weight of the
  /// ranks before) / (all weights)⌉.
  /// - Parameter weights: the relative speed of each rank, from 0 to 2³¹; equal if nil.
  public static func shares(leaves: Int, ranks: Int, weights: [Int]? = nil) -> [Range<Int>] {
    precondition(ranks > 0, "\(ranks) ranks cannot hold \(leaves) leaves")
    let weights = weights ?? [Int](repeating: 1, count: ranks)
    precondition(weights.count == ranks, "\(weights.count) weights for \(ranks) ranks")
    precondition(weights.allSatisfy { 0...(1 << 31) ~= $0 }, "a weight is not in 0 ... 2^31: \(weights)")
    let total = weights.reduce(0, +)
    precondition(total > 0, "all of the \(ranks) weights are 0")
    if ranks & (ranks - 1) == 0, weights.allSatisfy({ $0 == weights[0] }) {
      return halves(of: 0..<leaves, ranks: ranks)
    }
    var before = 0
    var start = 0
    return weights.map { weight in
      before += weight
      let end = (leaves * before + total - 1) / total
      defer { start = end }
      return start..<end
    }
  }

  /// The nodes that a power of two of ranks hold.
  private static func halves(of node: Range<Int>, ranks: Int) -> [Range<Int>] {
    guard ranks > 1 else { return [node] }
    let middle = node.lowerBound + (node.count + 1) / 2
    return halves(of: node.lowerBound..<middle, ranks: ranks / 2)
      + halves(of: middle..<node.upperBound, ranks: ranks / 2)
  }

  /// Sums one value a leaf in the order of the tree; 0 where there are no leaves.
  public func sum(_ value: (_ leaf: Int) -> Double) -> Double {
    func sum(_ node: Range<Int>) -> Double {
      guard node.count > 1 else { return value(node.lowerBound) }
      let cut = Self.cut(node)
      return sum(node.lowerBound..<cut) + sum(cut..<node.upperBound)
    }
    return leaves > 0 ? sum(0..<leaves) : 0
  }
}
