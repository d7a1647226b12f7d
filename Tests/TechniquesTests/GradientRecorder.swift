import Optimizers
import Tensors

/// Keeps the mean gradient of the first step, before clipping, and steps as the other does.
final class GradientRecorder: Optimizer {
  let inner: any Optimizer
  let gradient: Arena
  private var isFilled = false

  init(_ inner: any Optimizer, layout: ArenaLayout) {
    self.inner = inner
    gradient = Arena(layout: layout)
  }

  func step(
    weights: Arena, gradients: Arena, learningRate: Double, gradientFactor: Float, groups: ParameterGroups
  ) {
    if !isFilled {
      isFilled = true
      for index in 0..<gradient.count { gradient.pointer[index] = gradients.pointer[index] * gradientFactor }
    }
    inner.step(
      weights: weights, gradients: gradients, learningRate: learningRate, gradientFactor: gradientFactor,
      groups: groups)
  }

  var momentum: Double {
    get { inner.momentum }
    set { inner.momentum = newValue }
  }
  var state: [(name: String, arena: Arena)] { inner.state }
  var counters: [String: Int] { inner.counters }
  func restore(counters: [String: Int]) throws(OptimizerStateError) { try inner.restore(counters: counters) }
}
