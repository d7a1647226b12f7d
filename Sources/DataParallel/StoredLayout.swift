import Checkpoints
import Tensors

extension ArenaLayout {
  package var forCheckpoint: StateLayout {
    StateLayout(slices.map { ($0.name, $0.shape.dimensions, $0.offset) })
  }
}
