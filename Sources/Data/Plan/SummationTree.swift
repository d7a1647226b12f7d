/// The fixed binary tree over the microbatches of a step, in whose order their gradients are summed.
///
/// A node over n > 1 leaves has a left child over the first ⌈n/2⌉ of them and a right child over the others. With a
/// power of two of ranks, equally weighted, the share of every rank is one node, so that the sum over ranks can
/// continue the tree.
public struct SummationTree: Sendable, Hashable {
  /// The number of microbatches of the step.
  public let leaves: Int

  public init(leaves: Int) {
    precondition(leaves >= 0, "a tree has no \(leaves) leaves")
    self.leaves = leaves
  }

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

  /// The largest nodes that lie within a range of leaves and cover it, in order.
  public func subtrees(of range: Range<Int>) -> [Range<Int>] {
    precondition(range.lowerBound >= 0 && range.upperBound <= leaves, "\(range) is not within \(leaves) leaves")
    var covering: [Range<Int>] = []
    func visit(_ node: Range<Int>) {
      guard node.overlaps(range) else { return }
      if range.lowerBound <= node.lowerBound && node.upperBound <= range.upperBound { return covering.append(node) }
      let (left, right) = Self.children(of: node)
      visit(left)
      visit(right)
    }
    visit(0..<leaves)
    return covering
  }

  /// How many times the two topmost sums of a stack are added after the sum of a leaf was pushed on it.
  ///
  /// Whoever pushes the leaves of a range in order and follows these counts is left with the sums of `subtrees(of:
  /// range)`, each added in the order of the tree, and never holds more sums than the tree has levels plus the number
  /// of subtrees.
  public func additions(afterLeaf leaf: Int, in range: Range<Int>) -> Int {
    precondition(range.contains(leaf) && range.upperBound <= leaves, "leaf \(leaf) is not in \(range) of \(leaves)")
    var node = 0..<leaves
    var count = 0
    while node.count > 1 {
      if node.upperBound == leaf + 1 && node.lowerBound >= range.lowerBound { count += 1 }
      let (left, right) = Self.children(of: node)
      node = left.contains(leaf) ? left : right
    }
    return count
  }

  /// The two halves of a node of at least two leaves.
  public static func children(of node: Range<Int>) -> (left: Range<Int>, right: Range<Int>) {
    precondition(node.count > 1, "\(node) is a leaf")
    let middle = node.lowerBound + (node.count + 1) / 2
    return (node.lowerBound..<middle, middle..<node.upperBound)
  }
}
