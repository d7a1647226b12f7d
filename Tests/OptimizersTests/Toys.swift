import Optimizers
import Tensors

/// A small model without a model: arenas of a few odd-sized tensors, filled with reproducible numbers.
struct Toy {
  static let layout = ArenaLayout([
    ("embedding", [37, 5]), ("first.weight", [31, 17]), ("first.bias", [17]), ("norm.weight", [17]),
    ("second.weight", [100, 171]), ("second.bias", [1]),
  ])

  static func kind(_ name: String) -> Parameter.Kind {
    switch name {
    case "embedding": .embedding
    case "norm.weight": .normalization
    case _ where name.hasSuffix("bias"): .bias
    default: .weight
    }
  }

  static func groups(
    weightDecay: Double = 0, undecayed: Set<Parameter.Kind> = [.bias, .normalization], frozen: Set<String> = [],
    learningRateFactor: (String) -> Double = { _ in 1 }
  ) -> ParameterGroups {
    ParameterGroups(
      layout.slices.map { ($0.name, kind($0.name), $0.range, frozen.contains($0.name)) }, weightDecay: weightDecay,
      undecayed: undecayed, learningRateFactor: learningRateFactor)
  }

  /// Numbers between -scale and scale, a function of the seed; the gaps between tensors stay zero.
  static func arena(seed: UInt64, scale: Float = 1) -> Arena {
    let arena = Arena(layout: layout)
    var state = seed
    for index in layout.slices.flatMap({ Array($0.range) }) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      arena.pointer[index] = (Float(state >> 40) / Float(1 << 23) - 1) * scale
    }
    return arena
  }

  static func bits(_ arena: Arena) -> [UInt32] { arena.values.map(\.bitPattern) }

  /// Where two sequences of bits first differ, nil where they are the same. (An expectation on the sequences themselves
  /// would search for their smallest difference when it fails.)
  static func firstDifference(_ bits: some Sequence<UInt32>, _ others: some Sequence<UInt32>) -> Int? {
    zip(bits, others).enumerated().first { $1.0 != $1.1 }?.offset
  }
}

/// The largest difference of an arena to the twin's Float64 weights, relative to the largest weight.
func relativeError(_ arena: Arena, _ twin: [Double]) -> Double {
  let largest = twin.reduce(0) { max($0, abs($1)) }
  return zip(arena.values, twin).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
}
