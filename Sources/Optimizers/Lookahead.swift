import Tensors

/// Lets another optimizer run ahead and pulls its weights back to a slow average.
///
/// The inner optimizer moves the fast weights θ. After every k of its steps:
///
///     φ = φ + α (θ - φ)                θ = φ
///
/// - Paper: Zhang et al., Lookahead optimizer: k steps forward, 1 step back, arXiv:1907.08610.
/// - Defaults: k 5 and α 0.5, the paper's choice for image classification.
/// - Moments of the inner optimizer are kept over the pull-back, as in the paper's experiments. Averages (EMA, SWA) see
///   the weights after it. A frozen tensor is not pulled.
/// - Cost: one pass over two arenas every k steps; one arena of memory, or the part of it that this rank updates. Saves:
///   the slow weights and the steps since the last pull-back (the published code saves neither, so a resumed run differs).
public final class Lookahead: Optimizer {
  public let inner: any Optimizer
  public let interval: Int
  public let fraction: Double

  private let slowWeights: Arena
  private let workers: Workers
  private var stepsSincePull = 0

  /// - Parameters:
  ///   - inner: the optimizer of the fast weights.
  ///   - weights: where both begin; the slow weights are copied from here.
  ///   - range: the elements that are updated here, and have slow weights; all by default.
  ///   - interval: k, in committed steps.
  ///   - fraction: α, how far the slow weights go toward the fast ones.
  public init(
    _ inner: any Optimizer, weights: Arena, range: Range<Int>? = nil, interval: Int = 5, fraction: Double = 0.5,
    workers: Workers = Workers(count: 1)
  ) {
    require(interval >= 1, "Lookahead pulls back after at least one step, not \(interval)")
    require(fraction > 0 && fraction <= 1, "Lookahead's fraction \(fraction) is not above 0 and at most 1")
    self.inner = inner
    self.interval = interval
    self.fraction = fraction
    self.workers = workers
    slowWeights = Arena(layout: weights.layout, range: range)
    slowWeights.copy(from: weights)
  }

  public var momentum: Double {
    get { inner.momentum }
    set { inner.momentum = newValue }
  }

  public func step(
    weights: Arena, gradients: Arena, learningRate: Double, gradientFactor: Float, groups: ParameterGroups
  ) {
    inner.step(
      weights: weights, gradients: gradients, learningRate: learningRate, gradientFactor: gradientFactor,
      groups: groups)
    stepsSincePull += 1
    guard stepsSincePull >= interval else { return }
    stepsSincePull = 0
    workers.run(pieces: groups.pieces.count) { index in
      let range = groups.pieces[index].range
      OptimizerKernels.pullBack(
        fast: weights.pointer + range.lowerBound, slow: slowWeights.pointer(to: range), count: range.count,
        fraction: Float(fraction))
    }
  }

  public var state: [(name: String, arena: Arena)] { inner.state + [("slow_weights", slowWeights)] }

  public var counters: [String: Int] {
    inner.counters.merging([Self.counter: stepsSincePull]) { _, _ in
      fatalError("the inner optimizer also counts '\(Self.counter)': Lookahead does not wrap itself")
    }
  }

  private static let counter = "steps_since_pull_back"

  public func restore(counters: [String: Int]) throws(OptimizerStateError) {
    let stepsSincePull = try OptimizerStateError.read(Self.counter, from: counters)
    try inner.restore(counters: counters)
    self.stepsSincePull = stepsSincePull
  }
}
