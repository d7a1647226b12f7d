import Tensors

/// Stochastic gradient descent with momentum.
///
/// With g the gradient, a the learning rate, d the weight decay and μ the momentum:
///
///     g = g + d w
///     b = μ b + g                      (b starts as zero, so it is g at the first step)
///     w = w - a b                      or, with Nesterov's look ahead, w - a (g + μ b)
///
/// - Papers: Sutskever et al., On the importance of initialization and momentum in deep learning (ICML 2013), for the form
///   of Nesterov's momentum; as `torch.optim.SGD` without dampening. Decay is coupled: it passes through the momentum.
/// - Defaults: momentum 0.9, the value of nearly all published recipes; Nesterov off.
/// - Cost: one pass that reads three arenas and writes two; one arena of memory, or the part of it that this rank
///   updates; none without momentum. Saves: the momentum.
public final class SGD: Optimizer {
  public var momentum: Double
  public let isNesterov: Bool

  private let buffer: Arena?
  private let workers: Workers

  /// - Parameter range: the elements that are updated here, and have momentum; all by default.
  public init(
    layout: ArenaLayout, range: Range<Int>? = nil, momentum: Double = 0.9, isNesterov: Bool = false,
    workers: Workers = Workers(count: 1)
  ) {
    require((0..<1).contains(momentum), "momentum \(momentum) is not in 0 ..< 1")
    require(!isNesterov || momentum > 0, "Nesterov's look ahead needs a momentum above 0, not \(momentum)")
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.workers = workers
    buffer = momentum > 0 ? Arena(layout: layout, range: range) : nil
  }

  public func step(
    weights: Arena, gradients: Arena, learningRate: Double, gradientFactor: Float, groups: ParameterGroups
  ) {
    require(
      weights.count == gradients.count && weights.count == (buffer?.layout.count ?? weights.count),
      "weights of \(weights.count), gradients of \(gradients.count), momentum of \(buffer?.layout.count ?? 0) elements")
    workers.run(pieces: groups.pieces.count) { index in
      let piece = groups.pieces[index]
      let member = groups.members[piece.member]
      let start = piece.range.lowerBound
      let coefficients = OptimizerKernels.SGDCoefficients(
        gradient_factor: gradientFactor, weight_decay: Float(member.weightDecay), momentum: Float(momentum),
        learning_rate: Float(learningRate * member.learningRateFactor))
      if let buffer {
        OptimizerKernels.sgdMomentum(
          weights: weights.pointer + start, gradients: gradients.pointer + start,
          momentum: buffer.pointer(to: piece.range), count: piece.range.count, isNesterov: isNesterov, coefficients)
      } else {
        OptimizerKernels.sgd(
          weights: weights.pointer + start, gradients: gradients.pointer + start, count: piece.range.count,
          coefficients)
      }
    }
  }

  public var state: [(name: String, arena: Arena)] { buffer.map { [("momentum", $0)] } ?? [] }

  public var counters: [String: Int] { [:] }

  public func restore(counters: [String: Int]) throws(OptimizerStateError) {}
}
