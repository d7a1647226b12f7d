import Data

/// One global batch as the plan cuts it, and this rank's part of it.
struct GlobalBatch {
  let plan: StepPlan
  /// The rows as the step sees them.
  let dataset: any Dataset
  let context: StepContext
  let share: Range<Int>
  /// The weight of all rows of the plan, whoever computes them.
  let planWeight: Double

  /// What the sum of gradients is divided by: the weight of the whole batch, or of this rank's own rows between outer steps.
  var weight: Double { context.weight }

  /// The same, but 1 where nothing counts: a sum of zero stays zero.
  var normalizer: Double { weight > 0 ? weight : 1 }

  var leaves: Int { plan.microbatches.count }
}
