import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Tensors
import Tracing

/// Runs a recipe's steps: gradient, adversary, clipping, update, averages; looks at itself, saves itself, and tells.
///
/// It names no technique. The loop, as text:
///
///     for each step {
///       gradient of the global batch          // every rank's microbatches, summed in tree order, reduced once
///       adversary                             // the same again at perturbed weights
///       divide, unscale, norm; overflow → skip, on every rank
///       clip; optimizer; averages
///       evaluate? save? stop?
///     }
public final class Trainer {
  public internal(set) var parts: TrainingParts
  public let settings: TrainingSettings
  public let replicas: DataParallelGroup
  public let engine: Tensors.Engine

  /// Committed steps.
  public internal(set) var step = 0

  /// What brings ranks together that take steps of their own; nil where they sum every gradient.
  let outer: OuterStep?

  /// The reduced gradient of the newest step: a weighted sum over the rows of the global batch.
  package let gradients: Arena
  /// What makes a mean of that sum.
  package private(set) var gradientFactor = 1.0
  lazy var scratch = Arena(layout: parts.state.layout)
  let gradient: BatchGradient
  private var skippedInARow = 0
  private var frozen: [String]?
  /// What `prepare` froze anew, for the next report.
  private var newlyFrozen: Freezing?

  /// - Parameter engine: memory and threads, where the optimizer shares them; nil for an engine of the settings' threads.
  public init(
    parts: TrainingParts, settings: TrainingSettings, replicas: DataParallelGroup, engine: Tensors.Engine? = nil
  ) {
    parts.shards?.check(for: replicas)
    self.parts = parts
    self.settings = settings
    self.replicas = replicas
    let engine = engine ?? Engine(threads: settings.threads)
    self.engine = engine
    outer = replicas.reduction.outer.map {
      OuterStep(replicas.reduction, $0, layout: parts.state.layout, workers: engine.workers)
    }
    gradients = replicas.arena(parts.state.layout)
    gradient = BatchGradient(parts: parts, settings: settings, replicas: replicas, engine: engine)
  }

  /// Whether any rank asked to stop: known to all of them after the same step.
  public private(set) var isStopAgreed = false

  /// Whether all ranks had done their phase of what goes on in the background: known to all of them after the same step.
  package private(set) var isPhaseDoneEverywhere = false

  /// Whether rank 0 wants a checkpoint after the present step: known to all ranks after the same step.
  package private(set) var isSaveAgreed = false

  /// One step of the whole group: the same call on every rank, at the same step.
  /// - Parameters:
  ///   - stopRequested: whether this rank was asked to stop.
  ///   - isPhaseDone: whether this rank has done its phase of what goes on in the background.
  ///   - isSaveDue: whether it is time for a checkpoint; rank 0's answer counts.
  public func advance(
    stopRequested: Bool = false, isPhaseDone: Bool = false, isSaveDue: Bool = false
  ) throws -> StepReport {
    let clock = ContinuousClock()
    let started = clock.now
    let batch = globalBatch(at: step)
    prepare(batch)
    gradient.lossScale = lossScale(batch)
    let outcome = try gradient.evaluate(batch, into: gradients, name: "gradient")
    try attack(batch)
    let learningRate = parts.learningRate(step)
    let norm = try update(batch, learningRate: learningRate, observations: outcome.observations)
    let losses = try gather(outcome.losses, of: batch, flags: [stopRequested, isPhaseDone, isSaveDue])
    return StepReport(
      step: step, epoch: batch.plan.epoch, loss: losses.mean, lossSum: losses.sum,
      terms: losses.means.count > 1 ? losses.means : [], learningRate: learningRate, gradientNorm: norm,
      rows: batch.plan.rows.count, lossWeight: batch.planWeight, samples: losses.samples,
      seconds: (clock.now - started) / .seconds(1),
      isCommitted: skippedInARow == 0, freezing: newlyFrozen)
  }

  /// One step written by the user, which replaces gradient, adversary and update; see `BatchStep`.
  ///
  /// The report's loss is that of the first `backward`, and it is its batch norms that move the running statistics.
  public func advance(batchStep body: (BatchStep) throws -> Void) throws -> StepReport {
    let clock = ContinuousClock()
    let started = clock.now
    let batch = globalBatch(at: step)
    prepare(batch)
    gradient.lossScale = lossScale(batch)
    let learningRate = parts.learningRate(step)
    var first: (losses: StepLosses, observations: [BatchStatistics.Observation])?
    var norm = 0.0
    let own = BatchStep(
      context: batch.context, gradients: gradients, scratch: scratch, divisor: batch.divisor,
      objective: parts.objective,
      evaluate: { objective, arena in
        let outcome = try self.gradient.evaluate(batch, into: arena, name: "gradient", objective: objective)
        let losses = try self.gather(outcome.losses, of: batch, flags: [false, false, false])
        first = first ?? (losses, outcome.observations)
        return losses.mean
      },
      update: {
        norm = try self.update(batch, learningRate: learningRate, observations: first?.observations ?? [])
      })
    try body(own)
    try own.finish()
    return StepReport(
      step: step, epoch: batch.plan.epoch, loss: first?.losses.mean ?? .nan, lossSum: first?.losses.sum ?? .nan,
      terms: [], learningRate: learningRate, gradientNorm: norm, rows: batch.plan.rows.count,
      lossWeight: batch.planWeight, samples: first?.losses.samples ?? 0,
      seconds: (clock.now - started) / .seconds(1), isCommitted: skippedInARow == 0, freezing: newlyFrozen)
  }

  /// What is frozen now, and averages that begin with the initial weights.
  private func prepare(_ batch: GlobalBatch) {
    newlyFrozen = nil
    if let paths = parts.frozenPaths?(step), paths != frozen {
      parts.state.freeze(paths)
      newlyFrozen = Freezing(paths, of: parts.state)
      frozen = paths
    }
    outer?.begin(batch, of: parts.state)
    if step == 0 { updateAverages() }
  }

  private func updateAverages() {
    for average in parts.averages where average.isOnEveryRank || replicas.isRoot {
      track.span(.averages) { average.update(after: step, from: parts.state) }
    }
  }

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

  /// What each loss is multiplied by, next to its weight, before the backward pass: 1, or in mixed precision what makes the
  /// scaler's scale that of the mean over the global batch, whatever the microbatch.
  private func lossScale(_ batch: GlobalBatch) -> Float {
    parts.scaler.map { Float(Double($0.scale) / batch.divisor) } ?? 1
  }

  private func attack(_ batch: GlobalBatch) throws {
    guard let adversary = parts.adversary, adversary.scope == .batch, adversary.isActive(at: batch.context),
      batch.weight > 0
    else { return }
    let attack = Attack(
      state: parts.state, gradients: gradients,
      divisor: batch.divisor * Double(gradient.lossScale), context: batch.context,
      evaluate: { try self.gradient.evaluate(batch, into: $0, name: "adversarial gradient") }, scratch: scratch)
    try track.span(.adversary) { try adversary.apply(attack) }
  }

  /// Clips and applies the reduced gradient, or skips it where it overflowed; the decision is the same on every rank
  /// because the reduced gradient is.
  /// - Returns: the norm of the mean gradient before clipping.
  private func update(
    _ batch: GlobalBatch, learningRate: Double, observations: [BatchStatistics.Observation]
  ) throws -> Double {
    let groups = parts.state.groups(
      weightDecay: parts.weightDecay, undecayed: parts.undecayed, factors: parts.task.learningRateFactors)
    let factor = 1 / (batch.divisor * Double(lossScale(batch)))
    gradientFactor = factor
    let norm = track.span(.optimizer) {
      GradientNorm.norm(of: gradients, factor: Float(factor), groups: groups, workers: engine.workers)
    }
    guard norm.isFinite else {
      try skip(batch, norm: norm)
      return norm
    }
    let clipping = parts.clip.flatMap { $0.factor(norm: norm) } ?? 1
    let own = parts.shards.map { groups.restricted(to: $0.own) } ?? groups
    if let momentum = parts.momentum { parts.optimizer.momentum = momentum(step) }
    track.span(.optimizer) {
      parts.optimizer.step(
        weights: parts.state.weights, gradients: gradients, learningRate: learningRate,
        gradientFactor: Float(factor * clipping), groups: own)
    }
    try parts.shards?.gather(parts.state.weights, groups, over: replicas, step: batch.context.step)
    parts.scaler?.update(overflowed: false)
    skippedInARow = 0
    step += 1
    self.observations += observations
    if isInStep { try meet(batch) }
    return norm
  }

  /// What follows an update after which all ranks hold the same weights.
  private func meet(_ batch: GlobalBatch) throws {
    if let outer {
      try track.span(.reduction) {
        try outer.finish(parts.state, scratch: scratch, replicas: replicas, step: batch.context.step)
      }
    }
    try updateRunningStatistics(observations, of: batch)
    observations = []
    updateAverages()
  }

  /// What this rank's batch norms saw since all ranks held the same.
  private var observations: [BatchStatistics.Observation] = []

  /// Moves running statistics towards those of each microbatch in turn, or of each turn where they are synchronized: then
  /// all ranks saw the same, and one that had a microbatch in every turn tells.
  private func updateRunningStatistics(_ own: [BatchStatistics.Observation], of batch: GlobalBatch) throws {
    guard !parts.state.batchNorms.isEmpty else { return }
    let tells = parts.statistics == .microbatch || replicas.rank == replicas.longestShare(of: batch.leaves).rank
    parts.state.updateRunningStatistics(
      try replicas.gather(tells ? own : [], name: "running statistics", step: batch.context.step))
  }

  private func skip(_ batch: GlobalBatch, norm: Double) throws {
    guard parts.scaler != nil else {
      throw TrainingError.notFinite(step: step + 1, norm: norm, origin: try originOfNotFinite(batch))
    }
    parts.scaler?.update(overflowed: true)
    skippedInARow += 1
    if let scaler = parts.scaler, scaler.isExhausted {
      throw TrainingError.alwaysOverflows(step: step + 1, scale: Double(scaler.scale))
    }
  }

  /// Everyone's losses.
  ///
  /// The flags (a wish to stop, a phase that is done, a checkpoint that is due) travel along, so that all ranks learn of them
  /// at the same step.
  private func gather(_ own: [LossSums], of batch: GlobalBatch, flags: [Bool]) throws -> StepLosses {
    let message = flags.map { $0 ? 1 : 0 } + own.flatMap(\.encoded)
    let everyone = try replicas.gather(message, name: "losses", step: batch.context.step)
    isStopAgreed = isInStep && everyone.contains { $0[0] != 0 }
    isPhaseDoneEverywhere = everyone.allSatisfy { $0[1] != 0 }
    isSaveAgreed = isInStep && everyone[0][2] != 0
    lossNames = own.first?.names ?? lossNames
    return StepLosses(
      everyone.flatMap { $0.dropFirst(flags.count) }, of: batch.plan, weight: batch.planWeight, names: lossNames)
  }

  private var lossNames: [String] = []

  private var track: Track { replicas.tracer.training }
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
