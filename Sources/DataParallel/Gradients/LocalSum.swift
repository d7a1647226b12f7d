import Tensors

/// What a rank brings to a sum of gradients: those of its complete subtrees of the tree over all microbatches.
///
/// The last microbatch may still be missing. Then the additions that wait for it are here, and can be made for any part of
/// the arena as soon as that part is there: element by element their order is the tree's.
package struct LocalSum {
  /// All microbatches, of all ranks.
  let leaves: Int
  /// This rank's subtrees, each with its sum; none where the rank has no microbatch.
  let subtrees: [(leaves: Range<Int>, sum: Arena)]
  /// Where the result goes: the first subtree's sum, if there is one.
  let output: Arena
  /// The microbatch that is still missing, and where its gradient belongs.
  package var missing: (leaf: Int, arena: Arena)?
  /// To be made in this order.
  package var additions: [(sum: Arena, term: Arena)] = []

  package init(leaves: Int, subtrees: [(leaves: Range<Int>, sum: Arena)], output: Arena) {
    (self.leaves, self.subtrees, self.output) = (leaves, subtrees, output)
  }

  /// Adds the subtrees up as well, from left to right, so that one arena holds all that the rank brings.
  func joined() -> LocalSum {
    var joined = LocalSum(leaves: leaves, subtrees: Array(subtrees.prefix(1)), output: output)
    joined.missing = missing
    joined.additions = additions + subtrees.dropFirst().map { (output, $0.sum) }
    return joined
  }

  /// The arenas that are summed over the ranks.
  var arenas: [Arena] { subtrees.isEmpty ? [output] : subtrees.map(\.sum) }

  /// Whether what the arenas hold means nothing.
  var isEmpty: Bool { subtrees.isEmpty }

  /// The sum of what this rank brings, in the output; zeros where it brings nothing.
  package func finish() {
    if isEmpty { output.values.update(repeating: 0) }
    joined().close(0..<output.count)
  }

  /// Makes the additions in a part of the arenas, in which the missing microbatch's gradient is final.
  func close(_ range: Range<Int>) {
    for (sum, term) in additions { sum.add(term, in: range) }
  }
}
