import Tensors
import Training

/// Makes two forwards of the same rows, each with dropout masks of its own, agree (R-Drop).
///
///     loss = ½ (CE₁ + CE₂) + alpha · ½ (KL(p₁‖p₂) + KL(p₂‖p₁))
///
/// - Paper: Liang et al., R-Drop: regularized dropout for neural networks, arXiv:2106.14448. The published code disagrees
///   with itself about halving; this is the formula of the paper. The cross entropy of the run averages over both forwards.
/// - `alpha` (0.5): the paper takes 0.5 to 5; the smaller the data and the closer it is to overfitting, the more.
/// - `reduction` (`sample`): the divergence is summed over classes and divided by the weight of the rows, so that alpha
///   means the same at every batch size. `sum` leaves the division out, as published code does: alpha then grows with the batch.
/// - With a multi-sample dropout head sample s of one forward is compared with sample s of the other (they share a dropout
///   probability), and the divergences are averaged.
/// - Both sides carry gradient. Without dropout the divergence is 0 and the second forward wasted: the recipe warns.
/// - Cost: one more forward and backward a step. Saves: nothing.
public final class RDrop: Objective {
  public enum Reduction: String, Sendable, CaseIterable { case sample, sum }

  public let alpha: Double
  public let reduction: Reduction

  private let task: any LearningTask

  public init(alpha: Double = 0.5, reduction: Reduction = .sample, task: any LearningTask) {
    self.alpha = alpha
    self.reduction = reduction
    self.task = task
  }

  /// Reads `alpha` and `reduction`.
  public convenience init(_ section: Section, task: any LearningTask) throws {
    let alpha = try section.number("alpha", default: 0.5, in: 0...1000)
    let reduction = try section.choice("reduction", default: Reduction.sample)
    try section.finish()
    self.init(alpha: alpha, reduction: reduction, task: task)
  }

  public var forwards: Int { 2 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    let pairs = Array(zip(forward.scores(0), forward.scores(1)))
    let weight = reduction == .sum ? forward.context.weight : 1
    return pairs.map { first, second -> LossTerm in
      let divergence = task.divergence(first, second, forward.microbatch, forward.pass)
      return LossTerm(
        name: "r_drop", losses: divergence.losses, weights: divergence.weights,
        factor: Float(alpha * weight / Double(pairs.count)))
    }
  }
}
