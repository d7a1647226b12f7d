import Tensors
import Training

/// What an adversary moves: blocks of numbers, each with a displacement r from where it is and a gradient.
///
/// Displacements start at zero, and nobody but the forward passes of `evaluate` ever sees them.
protocol AttackSurface {
  var blocks: Int { get }
  func displacement(_ block: Int) -> UnsafeMutableBufferPointer<Float>

  /// The gradient of a block after the latest passes; `gradients` are those of the weights.
  func gradient(_ block: Int, in gradients: Arena) -> UnsafeBufferPointer<Float>

  /// Puts the gradient of the weights at the displaced values into an arena.
  func evaluate(_ attack: Attack, into gradients: Arena) throws
}

extension AttackSurface {
  /// The norm of every block's gradient, or nil where there is no attack: some norm is not finite, or all are zero.
  func directions(in gradients: Arena) -> [Double]? {
    let norms = (0..<blocks).map { Displacement.norm(gradient($0, in: gradients)) }
    return norms.allSatisfy(\.isFinite) && norms.contains { $0 > 0 } ? norms : nil
  }

  /// Moves every block that has a direction along it, `distance` as `ball` measures it.
  func ascend(in gradients: Arena, norms: [Double], by distance: Double, _ ball: AttackNorm) {
    for (block, norm) in norms.enumerated() where Displacement.isDirection(norm) {
      let (moved, slope) = (displacement(block), gradient(block, in: gradients))
      switch ball {
      case .euclidean: Displacement.ascend(moved, along: slope, norm: norm, by: distance)
      case .largest: Displacement.ascend(moved, alongSignsOf: slope, by: distance)
      }
    }
  }

  func project(radius: Double, _ ball: AttackNorm) {
    for block in 0..<blocks {
      switch ball {
      case .euclidean: Displacement.project(displacement(block), radius: radius)
      case .largest: Displacement.clamp(displacement(block), radius: radius)
      }
    }
  }
}

/// Whole parameters as the surface, each with its own norm.
///
/// The weights are never written: while passes run, the parameters read from memory of this object.
final class ParameterSurface: AttackSurface {
  private let targets: [Parameter]
  private let displacements: Arena
  private let values: Arena

  init(_ targets: [Parameter]) {
    self.targets = targets
    let layout = ArenaLayout(targets.map { ($0.name, $0.shape) })
    displacements = Arena(layout: layout)
    values = Arena(layout: layout)
  }

  /// Sets all displacements to zero.
  func reset() { displacements.values.update(repeating: 0) }

  var blocks: Int { targets.count }

  func displacement(_ block: Int) -> UnsafeMutableBufferPointer<Float> { displacements[targets[block].name]! }

  func gradient(_ block: Int, in gradients: Arena) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(gradients[targets[block].name]!)
  }

  func evaluate(_ attack: Attack, into gradients: Arena) throws {
    for (block, target) in targets.enumerated() {
      let (moved, displacement) = (values[target.name]!, displacement(block))
      for index in moved.indices { moved[index] = target.pointer[index] + displacement[index] }
    }
    try attack.state.withParameters(targets, readFrom: values) { try attack.evaluate(gradients) }
  }
}

/// Each example's embedded sequence as a block (Miyato et al. 2016).
struct ExampleSurface: AttackSurface {
  let probe: EmbeddingProbe

  var blocks: Int { probe.examples.count }

  func displacement(_ block: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: probe.offset[probe.examples[block]])
  }

  func gradient(_ block: Int, in gradients: Arena) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: probe.gradient[probe.examples[block]])
  }

  func evaluate(_ attack: Attack, into gradients: Arena) throws {
    probe.beginGradient()
    try attack.evaluate(gradients)
  }
}
