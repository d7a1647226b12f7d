import Data
import DataParallel
import Schedules
import Tensors
import Tracing

/// Adds the gradients of microbatches in the order of the fixed tree over their index, whatever rank holds them.
///
/// It keeps one arena more for each level of the tree below the root of a rank's own part.
final class GradientTree {
  private let layout: ArenaLayout
  private let track: Track
  private var scratch: [Arena] = []

  init(layout: ArenaLayout, track: Track) {
    self.layout = layout
    self.track = track
  }

  /// The sums over this rank's complete subtrees of the tree over `leaves`, but for the last microbatch: what that one is
  /// still to be added to is left to be done.
  ///
  /// - Parameter leaf: puts the gradient of one microbatch into an arena, overwriting what it holds.
  func sums(
    over share: Range<Int>, of leaves: Int, into output: Arena, leaf: (Int, Arena) throws -> Void
  ) rethrows -> LocalSum {
    var taken = 0
    let subtrees = SummationTree(leaves: leaves).subtrees(covering: share)
    let arenas = subtrees.indices.map { $0 == 0 ? output : takeScratch(&taken) }
    for (position, subtree) in subtrees.enumerated().dropLast() {
      try sum(subtree, into: arenas[position], taken: taken, leaf: leaf)
    }
    var local = LocalSum(leaves: leaves, subtrees: Array(zip(subtrees, arenas)), output: output)
    guard var range = subtrees.last, var arena = arenas.last else { return local }
    while range.count > 1 {
      let middle = SummationTree.cut(range)
      try sum(range.lowerBound..<middle, into: arena, taken: taken, leaf: leaf)
      let right = takeScratch(&taken)
      local.additions.insert((arena, right), at: 0)
      (range, arena) = (middle..<range.upperBound, right)
    }
    local.missing = (range.lowerBound, arena)
    return local
  }

  private func sum(_ range: Range<Int>, into arena: Arena, taken: Int, leaf: (Int, Arena) throws -> Void) rethrows {
    guard range.count > 1 else { return try leaf(range.lowerBound, arena) }
    let middle = SummationTree.cut(range)
    try sum(range.lowerBound..<middle, into: arena, taken: taken, leaf: leaf)
    var taken = taken
    let right = takeScratch(&taken)
    try sum(middle..<range.upperBound, into: right, taken: taken, leaf: leaf)
    track.span(.accumulation) { arena.add(right) }
  }

  private func takeScratch(_ taken: inout Int) -> Arena {
    if taken == scratch.count { scratch.append(Arena(layout: layout)) }
    taken += 1
    return scratch[taken - 1]
  }
}
