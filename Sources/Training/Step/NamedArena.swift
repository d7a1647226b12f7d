import Checkpoints
import Tensors

/// An arena under the name of its kind of state.
package struct NamedArena {
  package let kind: String
  package let arena: Arena
  /// Whether each rank holds its own part.
  package var isSharded = false

  package init(kind: String, arena: Arena, isSharded: Bool = false) {
    (self.kind, self.arena, self.isSharded) = (kind, arena, isSharded)
  }

  /// The arena as the checkpoint store takes it.
  package var forCheckpoint: StateArena {
    StateArena(
      kind: kind, layout: arena.layout.forCheckpoint, range: arena.range, values: UnsafeBufferPointer(arena.values))
  }
}
