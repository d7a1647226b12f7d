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
  private var spare: [Arena] = []

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
    let arenas = subtrees.indices.map { $0 == 0 ? output : takeSpare(&taken) }
    for (position, subtree) in subtrees.enumerated().dropLast() {
      try sum(subtree, into: arenas[position], taken: taken, leaf: leaf)
    }
    var local = LocalSum(leaves: leaves, subtrees: Array(zip(subtrees, arenas)), output: output)
    guard var range = subtrees.last, var arena = arenas.last else { return local }
    while range.count > 1 {
      let middle = SummationTree.cut(range)
      try sum(range.lowerBound..<middle, into: arena, taken: taken, leaf: leaf)
      let right = takeSpare(&taken)
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
    let right = takeSpare(&taken)
    try sum(middle..<range.upperBound, into: right, taken: taken, leaf: leaf)
    track.span(.accumulation) { arena.add(right) }
  }

  private func takeSpare(_ taken: inout Int) -> Arena {
    if taken == spare.count { spare.append(Arena(layout: layout)) }
    taken += 1
    return spare[taken - 1]
  }
}
