import Tensors

/// Adam with decoupled weight decay.
///
/// With g the gradient, t the number of this step from 1, a the learning rate and d the weight decay:
///
///     m = b1 m + (1 - b1) g            v = b2 v + (1 - b2) g²
///     u = (m / (1 - b1ᵗ)) / (sqrt(v / (1 - b2ᵗ)) + e)
///     w = w - a d w - a u
///
/// - Paper: Loshchilov and Hutter, Decoupled weight decay regularization, arXiv:1711.05101; as `torch.optim.AdamW`.
/// - Without bias correction the two divisions are left out and the decay acts on the already updated weight, as in the
///   optimizer BERT was published with (`correct_bias=False`): steps are larger at first (m is small by 1 - b1ᵗ but
///   sqrt(v) by sqrt(1 - b2ᵗ)), so it wants a warm-up.
/// - Defaults: b1 0.9, b2 0.999, e 1e-8, as in the paper of Adam (arXiv:1412.6980); nothing else is common.
/// - A tensor that was frozen for a while is corrected by the steps it took part in, not by those it missed; else its
///   first steps after thawing would be up to (1 - b1) / sqrt(1 - b2) = 3 times too large.
/// - Cost: one pass that reads four arenas and writes three; two arenas of memory, or the part of them that this rank
///   updates. Saves: both moments, the number of steps, and for tensors that missed some, how many.
public final class AdamW: Optimizer {
  public private(set) var betas: (first: Double, second: Double)
  public let epsilon: Double
  public let correctsBias: Bool

  private let firstMoment: Arena
  private let secondMoment: Arena
  private let workers: Workers
  private var steps = 0
  private var missedSteps: [String: Int] = [:]

  /// The first beta. Its bias is corrected as if it had been this from the first step on, as PyTorch does.
  public var momentum: Double {
    get { betas.first }
    set { betas.first = newValue }
  }

  /// - Parameter range: the elements that are updated here, and have moments; all by default.
  public init(
    layout: ArenaLayout, range: Range<Int>? = nil, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, correctsBias: Bool = true, workers: Workers = Workers(count: 1)
  ) {
    require(
      (0..<1).contains(betas.first) && (0..<1).contains(betas.second), "betas \(betas) are not both in 0 ..< 1")
    require(epsilon > 0, "epsilon is \(epsilon): a weight whose gradient is always zero would become nan")
    self.betas = betas
    self.epsilon = epsilon
    self.correctsBias = correctsBias
    self.workers = workers
    firstMoment = Arena(layout: layout, range: range)
    secondMoment = Arena(layout: layout, range: range)
  }

  public func step(
    weights: Arena, gradients: Arena, learningRate: Double, gradientFactor: Float, groups: ParameterGroups
  ) {
    require(
      weights.count == firstMoment.layout.count && gradients.count == weights.count,
      "weights of \(weights.count) and gradients of \(gradients.count) elements, moments of \(firstMoment.layout.count)"
    )
    steps += 1
    for member in groups.members where member.isFrozen { missedSteps[member.name, default: 0] += 1 }
    let coefficients = groups.members.map { member in
      self.coefficients(
        member, learningRate: learningRate * member.learningRateFactor, gradientFactor: gradientFactor)
    }
    workers.run(pieces: groups.pieces.count) { index in
      let piece = groups.pieces[index]
      let start = piece.range.lowerBound
      OptimizerKernels.adamW(
        weights: weights.pointer + start, gradients: gradients.pointer + start,
        firstMoment: firstMoment.pointer(to: piece.range), secondMoment: secondMoment.pointer(to: piece.range),
        count: piece.range.count, coefficients[piece.member])
    }
  }

  /// What depends on the step and the tensor but not on the element, in Float64 until the last rounding.
  private func coefficients(
    _ member: ParameterGroups.Member, learningRate: Double, gradientFactor: Float
  ) -> OptimizerKernels.AdamWCoefficients {
    let step = Double(steps - missedSteps[member.name, default: 0])
    let decay = learningRate * member.weightDecay
    // Decay after the update: (w - a u)(1 - a d) = w - (a (1 - a d) u + a d w).
    let corrections =
      correctsBias
      ? (first: 1 - power(betas.first, step), second: 1 - power(betas.second, step)) : (first: 1, second: 1)
    let stepSize = correctsBias ? learningRate / corrections.first : learningRate * (1 - decay)
    return OptimizerKernels.AdamWCoefficients(
      gradient_factor: gradientFactor, first_gain: Float(1 - betas.first), second_decay: Float(betas.second),
      second_gain: Float(1 - betas.second), denominator_factor: Float(1 / corrections.second.squareRoot()),
      epsilon: Float(epsilon), step_size: Float(stepSize), weight_decay: Float(decay))
  }

  public var state: [(name: String, arena: Arena)] {
    [("first_moment", firstMoment), ("second_moment", secondMoment)]
  }

  public var counters: [String: Int] {
    var counters = ["steps": steps]
    for (name, missed) in missedSteps { counters[Self.missedPrefix + name] = missed }
    return counters
  }

  private static let missedPrefix = "missed_steps."

  public func restore(counters: [String: Int]) throws(OptimizerStateError) {
    let steps = try OptimizerStateError.read("steps", from: counters)
    var missedSteps: [String: Int] = [:]
    for (counter, missed) in counters where counter.hasPrefix(Self.missedPrefix) {
      guard (0...steps).contains(missed) else { throw OptimizerStateError(counter: counter, value: missed) }
      missedSteps[String(counter.dropFirst(Self.missedPrefix.count))] = missed
    }
    self.steps = steps
    self.missedSteps = missedSteps
  }
}
