/// The order in which an ordered sum adds its leaves: a binary tree by recursive bisection, the larger half to the left.
///
/// The tree depends on the number of leaves alone, so a sum over it has the same bits however the leaves are dealt out.
public struct SummationTree: Sendable, Hashable {
  /// How many leaves there are.
  public let leaves: Int

  public init(leaves: Int) {
    precondition(leaves >= 0, "a tree of \(leaves) leaves")
    self.leaves = leaves
  }

  /// Where a node [range] is cut in two.
  public static func cut(_ range: Range<Int>) -> Int {
    range.lowerBound + (range.count + 1) / 2
  }

  /// The fewest nodes that cover [range] exactly, from left to right.
  public func subtrees(covering range: Range<Int>) -> [Range<Int>] {
    precondition(range.lowerBound >= 0 && range.upperBound <= leaves, "leaves \(range) of a tree of \(leaves)")
    func collect(_ node: Range<Int>) -> [Range<Int>] {
      let overlap = node.clamped(to: range)
      if overlap.isEmpty { return [] }
      if overlap == node { return [node] }
      let cut = Self.cut(node)
      return collect(node.lowerBound..<cut) + collect(cut..<node.upperBound)
    }
    return range.isEmpty ? [] : collect(0..<leaves)
  }

  /// One addition: the sum of the parts at `left` and `right` takes the place of the left one.
  package struct Addition: Equatable {
    package var left: Int
    package var right: Int
  }

  /// The additions that turn `parts` (subtrees in order, covering all leaves) into the whole sum, left in the first part.
  ///
  /// Returns nil if the parts are not nodes of this tree, or do not cover it exactly.
  package func additions(of parts: [Range<Int>]) -> [Addition]? {
    var additions: [Addition] = []
    var next = 0
    func add(_ node: Range<Int>) -> Int? {
      guard next < parts.count else { return nil }
      if parts[next] == node {
        next += 1
        return next - 1
      }
      guard node.count > 1 else { return nil }
      let cut = Self.cut(node)
      guard let left = add(node.lowerBound..<cut), let right = add(cut..<node.upperBound) else { return nil }
      additions.append(Addition(left: left, right: right))
      return left
    }
    if leaves == 0 { return parts.isEmpty ? [] : nil }
    guard add(0..<leaves) == 0, next == parts.count else { return nil }
    return additions
  }
}
