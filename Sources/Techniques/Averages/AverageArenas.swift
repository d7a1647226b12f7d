import Layers
import Tensors

/// The memory of an average, taken when it begins: ranks that do not keep it pay nothing.
struct AverageArenas {
  private let layouts: (weights: ArenaLayout, buffers: ArenaLayout)
  private(set) var arenas: (weights: Arena, buffers: Arena)?

  init(for state: ModelState) { layouts = (state.layout, state.buffers.layout) }

  mutating func make() {
    if arenas == nil { arenas = (Arena(layout: layouts.weights), Arena(layout: layouts.buffers)) }
  }

  mutating func copy(from state: ModelState) {
    make()
    arenas?.weights.copy(from: state.weights)
    arenas?.buffers.copy(from: state.buffers)
  }

  /// The arenas under the names that a checkpoint gives them.
  func named(_ prefix: String = "") -> [(name: String, arena: Arena)] {
    guard let arenas else { return [] }
    let weights = [(name: prefix + "weights", arena: arenas.weights)]
    return arenas.buffers.count == 0 ? weights : weights + [(prefix + "buffers", arenas.buffers)]
  }
}
