import Data
import Recipes
import Tensors
import Training

/// Makes two forwards of the same rows, each with its own dropout masks, agree (R-Drop).
///
///     loss = ½ (CE₁ + CE₂) + alpha · ½ (KL(p₁‖p₂) + KL(p₂‖p₁))
///
/// - Paper: Liang et al., R-Drop: regularized dropout for neural networks, arXiv:2106.14448. The published code disagrees
///   with itself about halving; this is the formula of the paper. The cross entropy of the run averages over both forwards.
/// - `alpha` (0.5): the paper takes 0.5 to 5; the smaller the data and the closer it is to overfitting, the more.
/// - `reduction` (`sample`): the divergence is summed over classes and divided by the weight of the rows, so that alpha
///   means the same at every batch size. `sum` leaves the division out, as published code does: alpha then grows with the batch.
/// - `tokens` (`labelled`): where words are labelled, which tokens agree: those that have a tag, or `all` that there are, with the
///   special ones and the later ones of words, as the published code's pad mask leaves padding out alone. The divergence is then
///   divided by their number, and the cross entropy by that of the labelled ones.
/// - With a multi-sample dropout head sample s of one forward is compared with sample s of the other (they share a dropout
///   probability), and the divergences are averaged.
/// - Both sides carry gradient. Without dropout the divergence is 0 and the second forward wasted: the recipe warns.
/// - Cost: one more forward and backward a step. Saves: nothing.
public final class RDrop: Objective {
  public enum Reduction: String, Sendable, CaseIterable { case sample, sum }
  public enum Tokens: String, Sendable, CaseIterable { case labelled, all }

  public let alpha: Double
  public let reduction: Reduction
  /// `all` needs a dataset that scores them all.
  public let tokens: Tokens

  private let task: any LearningTask

  public init(
    alpha: Double = 0.5, reduction: Reduction = .sample, tokens: Tokens = .labelled, task: any LearningTask
  ) {
    precondition(tokens == .labelled || task.comparesTokens, "\(type(of: task).kind) compares no tokens")
    self.alpha = alpha
    self.reduction = reduction
    self.tokens = tokens
    self.task = task
  }

  /// Reads `alpha`, `reduction` and `tokens`.
  public convenience init(_ section: Section, task: any LearningTask) throws {
    let alpha = try section.number("alpha", default: 0.5, in: 0...1000)
    let reduction = try section.choice("reduction", default: Reduction.sample)
    let tokens = try section.choice("tokens", default: Tokens.labelled)
    try section.finish()
    if tokens == .all, !task.comparesTokens {
      throw section.error(
        "tokens", "is all, and the task, \(type(of: task).kind), does not score each token by itself; leave it out")
    }
    self.init(alpha: alpha, reduction: reduction, tokens: tokens, task: task)
  }

  public var forwards: Int { 2 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    let pairs = Array(zip(forward.scores(0), forward.scores(1)))
    return pairs.map { first, second in
      term(first, second, forward.microbatch, forward.context, share: 1 / Double(pairs.count), forward.pass)
    }
  }

  /// The divergence of one pair of forwards of a microbatch.
  package func term(
    _ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ context: StepContext, share: Double, _ pass: Pass
  ) -> LossTerm {
    let own = tokens == .labelled ? task.divergence(first, second, batch, pass) : nil
    let divergence =
      own ?? RowLosses(pass.symmetricKL(first, second), weights: [Float](repeating: 1, count: first.shape[0]))
    // What the trainer divides by is the weight of the rows.
    let weight: Double =
      switch (reduction, tokens) {
      case (.sum, _): context.weight
      case (.sample, .labelled): 1
      case (.sample, .all): context.weight / Double(max(1, context.wordLabels?().count ?? 1))
      }
    return LossTerm(
      name: "r_drop", losses: divergence.losses, weights: divergence.weights, factor: Float(alpha * weight * share))
  }
}

extension RDrop {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "r_drop", .objective,
    keys: [
      RecipeKey(
        "techniques.r_drop", .toggle, or: .otherwise("none"),
        "two forwards with masks of their own agree (Liang et al. 2021)"),
      RecipeKey(
        "techniques.r_drop.alpha", .number(0...1000), or: "0.5", "weight of the divergence",
        why: "the paper takes 0.5 to 5: the smaller the data, the more"),
      RecipeKey(
        "techniques.r_drop.reduction", .choice(of: RDrop.Reduction.self), or: "sample",
        "how the divergence is added up over rows",
        why: "sample: alpha means the same at every batch size; sum: as the published code"),
      RecipeKey(
        "techniques.r_drop.tokens", .choice(of: RDrop.Tokens.self), or: "labelled",
        "which tokens agree where words are labelled: those with a tag, or all that are not padding",
        why: "all is the published code's pad mask, and also compares tags that nobody reads"),
    ],
    idle: [
      .init("techniques.r_drop.alpha", 0, "0 costs a second pass and adds nothing")
    ],
    benchmark: .init("{r_drop: {}}"),
    notes: { installation in
      let drops = installation.parts.state.dropoutProbabilities.contains { $0.probability > 0 }
      guard !drops, installation.parts.objective.forwards > 1 else { return [] }
      return [
        "\(installation.path).r_drop: the model has no dropout, so both forwards agree; set one, or leave it out"
      ]
    },
    install: { section, installation in
      let drop = try RDrop(section, task: installation.parts.task)
      if drop.tokens == .all { installation.parts.dataset = installation.parts.dataset.scoringAllTokens }
      installation.objectives.append(drop)
    }
  )
}
