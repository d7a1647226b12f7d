import Tensors

/// Normalises each channel to mean 0 and variance 1, then scales and shifts it (Ioffe, Szegedy 2015, arXiv:1502.03167).
///
/// In training the mean and the variance are those of the batch: of the microbatch, or of all that the pass's exchange
/// brings together. In evaluation they are the running ones. A pass changes nothing: it reports to its `BatchStatistics` what it
/// saw, and whoever runs it calls `update` once the step is committed, in an order that does not depend on ranks.
public final class BatchNorm: Module, Freezable {
  public let weight: Parameter
  public let bias: Parameter
  public let runningMean: RunningState
  public let runningVar: RunningState
  public let epsilon: Float
  /// The share of the newest batch in the running statistics.
  public let momentum: Double

  /// The number of this batch norm in its model, given when the model's arenas are laid out.
  public internal(set) var site = 0

  /// Part of a frozen module: the running statistics are used, and stay.
  public var isFrozen = false

  public init(_ channels: Int, epsilon: Float = 1e-5, momentum: Double = 0.1) {
    require((0...1).contains(momentum), "a momentum lies in 0 ... 1, not \(momentum)")
    weight = Parameter([channels], kind: .normalization, initializer: .ones)
    bias = Parameter([channels], kind: .bias, initializer: .zeros)
    runningMean = RunningState([channels], initialValue: 0)
    runningVar = RunningState([channels], initialValue: 1)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// Images [n, h, w, channels], channels last → the same shape.
  public func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor {
    guard usesBatch(pass) else {
      return pass.batchNorm(
        input, scale: weight, shift: bias, epsilon: epsilon, means: Array(runningMean.values),
        variances: Array(runningVar.values))
    }
    let (result, moments) = pass.batchNorm(
      input, scale: weight, shift: bias, epsilon: epsilon, exchange: pass.statistics?.exchange)
    pass.statistics?.observe(moments, site: site)
    return result
  }

  private func usesBatch(_ pass: Pass) -> Bool {
    guard !isFrozen else { return false }
    guard let statistics = pass.statistics else { return pass.mode == .training }
    return !statistics.settled.contains(site)
  }

  /// Moves the running statistics towards those of a batch; the variance is the unbiased one, as in PyTorch.
  public func update(_ moments: ChannelMoments) {
    mix(moments.means, into: runningMean)
    mix(moments.unbiasedVariances, into: runningVar)
  }

  /// Replaces the running statistics.
  public func settle(means: [Double], variances: [Double]) {
    for (channel, value) in means.enumerated() { runningMean.values[channel] = Float(value) }
    for (channel, value) in variances.enumerated() { runningVar.values[channel] = Float(value) }
  }

  private func mix(_ values: [Double], into state: RunningState) {
    require(
      values.count == state.shape.count, "statistics of \(values.count) channels for \(state.name) \(state.shape)")
    for (channel, value) in values.enumerated() {
      state.values[channel] = Float((1 - momentum) * Double(state.values[channel]) + momentum * value)
    }
  }
}
