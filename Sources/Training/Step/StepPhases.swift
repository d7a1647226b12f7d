import Data
import DataParallel
import Layers
import Optimizers
import Tensors
import Tracing

/// The phases of a step, in the order in which `Trainer.advance` calls them.
extension Trainer {
  // MARK: Plan

  func globalBatch(at step: Int) -> GlobalBatch {
    let plan = parts.plan.step(step)
    let dataset = parts.dataset.drawn(at: step)
    let share = replicas.share(of: plan.microbatches.count)
    // A rank that takes a step of its own takes its rows for the whole batch.
    let rows = outer == nil ? plan.rows[...] : plan.microbatches[share].flatMap { plan.rows[$0] }[...]
    let words: (@Sendable () -> [Int32])? =
      type(of: parts.task).layout == .words
      ? { @Sendable in rows.flatMap { dataset.wordLabels($0) } } : nil
    return GlobalBatch(
      plan: plan, dataset: dataset,
      context: StepContext(
        step: step, epoch: plan.epoch, labels: rows.map(dataset.label), weights: rows.map(dataset.weight),
        wordLabels: words),
      share: share, planWeight: plan.rows.weight(in: dataset))
  }

  // MARK: Freeze

  /// Freezes what the recipe freezes at this step.
  /// - Returns: what is frozen, where that is new.
  func freeze() -> Freezing? {
    guard let paths = parts.frozenPaths?(step), paths != frozen else { return nil }
    parts.state.freeze(paths)
    frozen = paths
    return Freezing(paths, of: parts.state)
  }

  /// Begins a step: averages begin with the initial weights, and losses have the scale of this batch.
  func begin(_ batch: GlobalBatch) {
    outer?.begin(batch, of: parts.state)
    if step == 0 { updateAverages() }
    gradient.lossScale = lossScale(batch)
  }

  /// What each loss is multiplied by, next to its weight, before the backward pass: 1, or in mixed precision what makes the
  /// scaler's scale that of the mean over the global batch, whatever the microbatch.
  private func lossScale(_ batch: GlobalBatch) -> Float {
    parts.scaler.map { Float(Double($0.scale) / batch.normalizer) } ?? 1
  }

  // MARK: Adversary

  /// Lets an adversary of the whole batch replace the gradient.
  func attack(_ batch: GlobalBatch) throws {
    guard let adversary = parts.adversary, adversary.scope == .batch, adversary.isActive(at: batch.context),
      batch.weight > 0
    else { return }
    let attack = Attack(
      state: parts.state, gradients: gradients,
      normalizer: batch.normalizer * Double(gradient.lossScale), context: batch.context,
      evaluate: { try self.gradient.evaluate(batch, into: $0, name: "adversarial gradient") }, scratch: scratch)
    try track.span(.adversary) { try adversary.apply(attack) }
  }

  // MARK: Update or skip

  /// The norm of the mean gradient before clipping; the same on every rank, because the reduced gradient is.
  func gradientNorm(_ batch: GlobalBatch) -> Double {
    gradientFactor = 1 / (batch.normalizer * Double(lossScale(batch)))
    return track.span(.optimizer) {
      GradientNorm.norm(of: gradients, factor: Float(gradientFactor), groups: groups, workers: engine.workers)
    }
  }

  /// Clips and applies the reduced gradient.
  func update(_ batch: GlobalBatch, norm: Double, learningRate: Double) throws {
    let groups = groups
    let clipping = parts.clip.flatMap { $0.factor(norm: norm) } ?? 1
    if let momentum = parts.momentum { parts.optimizer.momentum = momentum(step) }
    track.span(.optimizer) {
      parts.optimizer.step(
        weights: parts.state.weights, gradients: gradients, learningRate: learningRate,
        gradientFactor: Float(gradientFactor * clipping),
        groups: parts.shards.map { groups.restricted(to: $0.own) } ?? groups)
    }
    try parts.shards?.gather(parts.state.weights, groups, over: replicas, step: batch.context.step)
    parts.scaler?.update(overflowed: false)
    skippedInARow = 0
    step += 1
  }

  /// Leaves the weights as they are after an overflow; without a scaler it is an error.
  func skip(_ batch: GlobalBatch, norm: Double) throws {
    guard parts.scaler != nil else {
      throw TrainingError.notFinite(step: step + 1, norm: norm, origin: try originOfNotFinite(batch))
    }
    parts.scaler?.update(overflowed: true)
    skippedInARow += 1
    if let scaler = parts.scaler, scaler.isExhausted {
      throw TrainingError.alwaysOverflows(step: step + 1, scale: Double(scaler.scale))
    }
  }

  private var groups: ParameterGroups {
    parts.state.groups(
      weightDecay: parts.weightDecay, undecayed: parts.undecayed, factors: parts.task.learningRateFactors)
  }

  // MARK: Outer step

  /// Brings ranks together that took local steps, where they meet after this one.
  func takeOuterStep(_ batch: GlobalBatch) throws {
    guard let outer, isInStep else { return }
    try track.span(.reduction) {
      try outer.finish(parts.state, scratch: scratch, replicas: replicas, step: batch.context.step)
    }
  }

  // MARK: Statistics

  /// Moves running statistics towards those of each microbatch in turn, or of each turn where they are synchronized: then
  /// all ranks saw the same, and one that had a microbatch in every turn sends them. Between outer steps they wait.
  func updateRunningStatistics(_ observed: [BatchStatistics.Observation], of batch: GlobalBatch) throws {
    observations += observed
    guard isInStep, !parts.state.batchNorms.isEmpty else { return }
    let sends = parts.statistics == .microbatch || replicas.rank == replicas.longestShare(of: batch.leaves).rank
    parts.state.updateRunningStatistics(
      try replicas.gather(sends ? observations : [], name: "running statistics", step: batch.context.step))
    observations = []
  }

  // MARK: Averages

  /// Updates the averages that this rank keeps, where all ranks hold the same weights.
  func updateAverages() {
    guard isInStep else { return }
    for average in parts.averages where average.isOnEveryRank || replicas.isRoot {
      track.span(.averages) { average.update(after: step, from: parts.state) }
    }
  }

  // MARK: Report

  /// Everyone's losses.
  ///
  /// The flags (a wish to stop, a phase that is done, a checkpoint that is due) travel along, so that all ranks learn of them
  /// at the same step.
  func gather(_ own: [LossSums], of batch: GlobalBatch, flags: [Bool]) throws -> StepLosses {
    let message = flags.map { $0 ? 1 : 0 } + own.flatMap(\.encoded)
    let everyone = try replicas.gather(message, name: "losses", step: batch.context.step)
    isStopAgreed = isInStep && everyone.contains { $0[0] != 0 }
    isPhaseDoneEverywhere = everyone.allSatisfy { $0[1] != 0 }
    isSaveAgreed = isInStep && everyone[0][2] != 0
    lossNames = own.first?.names ?? lossNames
    return StepLosses(
      everyone.flatMap { $0.dropFirst(flags.count) }, of: batch.plan, weight: batch.planWeight, names: lossNames)
  }

  /// - Parameter losses: nil where a user's own step computed none.
  func report(
    _ batch: GlobalBatch, _ losses: StepLosses?, terms: [(name: String, value: Double)], learningRate: Double,
    norm: Double, freezing: Freezing?, since started: ContinuousClock.Instant
  ) -> StepReport {
    StepReport(
      step: step, epoch: batch.plan.epoch, loss: losses?.mean ?? .nan, lossSum: losses?.sum ?? .nan, terms: terms,
      learningRate: learningRate, gradientNorm: norm, rows: batch.plan.rows.count, lossWeight: batch.planWeight,
      samples: losses?.samples ?? 0, seconds: (.now - started) / .seconds(1), isCommitted: skippedInARow == 0,
      freezing: freezing)
  }

}

extension ModelState {
  /// How each tensor is updated now: frozen ones not at all.
  /// - Parameter factors: of learning rates, by the part whose names begin so.
  func groups(weightDecay: Double, undecayed: Set<Parameter.Kind>, factors: [String: Double] = [:]) -> ParameterGroups {
    ParameterGroups(
      zip(parameters, layout.slices).map { ($1.name, $0.kind, $1.range, $0.isFrozen) }, weightDecay: weightDecay,
      undecayed: undecayed
    ) { name in factors.first { name.hasPrefix($0.key + ".") }?.value ?? 1 }
  }
}
