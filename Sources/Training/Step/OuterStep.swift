import DataParallel
import Layers
import Optimizers
import Recipes
import Tensors

/// Makes one model of the weights that ranks moved by themselves, every H steps: local SGD, DiLoCo.
///
///     each rank, H times    w ← optimizer(w, mean gradient of its own rows)                nothing is sent
///     all together          d = Σ rows (anchor - w) / Σ rows                               one sum over the ranks
///                           b ← μ b + d;   anchor ← anchor - a b, or a (d + μ b) with Nesterov's look ahead
///                           w ← anchor
///
/// - Papers: Stich, Local SGD converges fast and communicates little, arXiv:1805.09767: a = 1, μ = 0, the mean of the weights.
///   Douillard et al., DiLoCo: distributed low-communication training of language models, arXiv:2311.08105: a = 0.7, μ = 0.9,
///   Nesterov, AdamW inside.
/// - A rank's difference counts by the weight of the rows it saw (their number, where each counts 1), so that with H = 1,
///   a = 1, μ = 0 and plain SGD inside, an outer step is the step of the whole batch, whatever the shares.
/// - The optimizer inside keeps its moments, each rank its own; they are not averaged. A rank without rows in a step takes it
///   on a gradient of zero.
/// - Cost: two arenas of memory, and one for the outer momentum. Saves: the outer momentum, and each rank's own moments.
final class OuterStep {
  let interval: Int
  private let rule: Recipe.Reduction.Outer
  private let optimizer: SGD
  private let anchor: Arena
  /// The weight of the rows since the last outer step: of this rank's own, and of those of all ranks.
  private var weight = (own: 0.0, all: 0.0)
  private var hasBegun = false
  /// By parameter: whether any step since the last outer step could have moved it.
  private var isMoved: [Bool] = []

  init(_ reduction: Recipe.Reduction, _ rule: Recipe.Reduction.Outer, layout: ArenaLayout, workers: Workers) {
    interval = reduction.every
    self.rule = rule
    optimizer = SGD(layout: layout, momentum: rule.momentum, isNesterov: rule.isNesterov, workers: workers)
    anchor = Arena(layout: layout)
  }

  /// The outer momentum, which all ranks hold alike.
  var state: [(name: String, arena: Arena)] { optimizer.state.map { ("outer_" + $0.name, $0.arena) } }

  /// Before a rank's own step, frozen parameters known.
  func begin(_ batch: GlobalBatch, of state: ModelState) {
    if !hasBegun {
      hasBegun = true
      anchor.copy(from: state.weights)
      isMoved = state.parameters.map { _ in false }
    }
    weight.own += batch.weight
    weight.all += batch.planWeight
    for (index, parameter) in state.parameters.enumerated() where !parameter.isFrozen { isMoved[index] = true }
  }

  /// Brings all ranks to the same weights; every rank at the same step.
  /// - Parameter scratch: an arena of the weights' layout, which is overwritten.
  func finish(_ state: ModelState, scratch: Arena, replicas: DataParallelGroup, step: Int) throws {
    scratch.setDifference(anchor, state.weights, times: Float(weight.own))
    try replicas.sum(scratch, name: "difference of weights", step: step)
    let groups = ParameterGroups(
      zip(zip(state.parameters, state.layout.slices), isMoved).map { ($0.1.name, $0.0.kind, $0.1.range, !$1) })
    state.weights.copy(from: anchor)
    optimizer.step(
      weights: state.weights, gradients: scratch, learningRate: rule.learningRate,
      gradientFactor: Float(weight.all > 0 ? 1 / weight.all : 0), groups: groups)
    weight = (0, 0)
    hasBegun = false
  }
}

extension Arena {
  /// Sets every element to (first - second) · factor.
  fileprivate func setDifference(_ first: Arena, _ second: Arena, times factor: Float) {
    let (target, first, second) = (pointer, first.pointer, second.pointer)
    for index in 0..<count { target[index] = (first[index] - second[index]) * factor }
  }
}
