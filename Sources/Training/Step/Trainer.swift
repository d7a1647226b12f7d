import DataParallel
import Layers
import Models
import Tensors
import Tracing

/// Runs a recipe's steps: gradient, adversary, clipping, update, averages; looks at itself, saves itself, and reports.
///
/// It names no technique. The loop, as text:
///
///     for each step {
///       plan of the global batch; freeze      // the same on every rank
///       gradient of the global batch          // every rank's microbatches, summed in tree order, reduced once
///       adversary                             // the same again at perturbed weights
///       divide, unscale, norm; overflow → skip, on every rank
///       clip; optimizer; outer step; running statistics; averages
///       evaluate? save? stop?
///     }
public final class Trainer {
  public internal(set) var parts: TrainingParts
  public let settings: TrainingSettings
  public let replicas: DataParallelGroup
  public let engine: Tensors.Engine

  public var model: any Classifier { parts.model }
  public var state: ModelState { parts.state }
  public var task: any LearningTask { parts.task }
  package var averages: [any WeightAverage] { parts.averages }
  package var shards: OptimizerShards? { parts.shards }
  package var isRoot: Bool { replicas.isRoot }
  /// Where this rank's time is recorded.
  package var track: Track { replicas.track }

  /// Committed steps.
  public internal(set) var step = 0

  /// What brings ranks together that take local steps; nil where they sum every gradient.
  let outer: OuterStep?

  /// The reduced gradient of the newest step: a weighted sum over the rows of the global batch.
  package let gradients: Arena
  /// What makes a mean of that sum.
  package internal(set) var gradientFactor = 1.0
  lazy var scratch = Arena(layout: parts.state.layout)
  let gradient: BatchGradient
  /// Steps skipped since the last committed one.
  var skippedInARow = 0
  /// What is frozen at present; nil before the first step.
  var frozen: [String]?
  /// What this rank's batch norms saw since all ranks held the same.
  var observations: [BatchStatistics.Observation] = []
  var lossNames: [String] = []

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
  public internal(set) var isStopAgreed = false

  /// Whether all ranks had done their phase of what runs in the background: known to all of them after the same step.
  package internal(set) var isPhaseDoneEverywhere = false

  /// Whether rank 0 wants a checkpoint after the present step: known to all ranks after the same step.
  package internal(set) var isSaveAgreed = false

  /// One step of the whole group: the same call on every rank, at the same step.
  /// - Parameters:
  ///   - stopRequested: whether this rank was asked to stop.
  ///   - isPhaseDone: whether this rank has done its phase of what runs in the background.
  ///   - isSaveDue: whether it is time for a checkpoint; rank 0's answer counts.
  public func advance(
    stopRequested: Bool = false, isPhaseDone: Bool = false, isSaveDue: Bool = false
  ) throws -> StepReport {
    let started = ContinuousClock.now
    let batch = globalBatch(at: step)
    let freezing = freeze()
    begin(batch)

    let outcome = try gradient.evaluate(batch, into: gradients, name: "gradient")
    try attack(batch)

    let learningRate = parts.learningRate(step)
    let norm = gradientNorm(batch)
    if norm.isFinite {
      try update(batch, norm: norm, learningRate: learningRate)
      try takeOuterStep(batch)
      try updateRunningStatistics(outcome.observations, of: batch)
      updateAverages()
    } else {
      try skip(batch, norm: norm)
    }

    let losses = try gather(outcome.losses, of: batch, flags: [stopRequested, isPhaseDone, isSaveDue])
    return report(
      batch, losses, terms: losses.means.count > 1 ? losses.means : [], learningRate: learningRate, norm: norm,
      freezing: freezing, since: started)
  }

  /// One step written by the user, which replaces gradient, adversary and update; see `BatchStep`.
  ///
  /// The report's loss is that of the first `backward`, and it is its batch norms that move the running statistics.
  public func advance(batchStep body: (BatchStep) throws -> Void) throws -> StepReport {
    let started = ContinuousClock.now
    let batch = globalBatch(at: step)
    let freezing = freeze()
    begin(batch)

    let learningRate = parts.learningRate(step)
    var first: (losses: StepLosses, observations: [BatchStatistics.Observation])?
    var norm = 0.0
    let own = BatchStep(
      context: batch.context, gradients: gradients, scratch: scratch, normalizer: batch.normalizer,
      objective: parts.objective,
      evaluate: { objective, arena in
        let outcome = try self.gradient.evaluate(batch, into: arena, name: "gradient", objective: objective)
        let losses = try self.gather(outcome.losses, of: batch, flags: [false, false, false])
        first = first ?? (losses, outcome.observations)
        return losses.mean
      },
      update: {
        norm = self.gradientNorm(batch)
        guard norm.isFinite else { return try self.skip(batch, norm: norm) }
        try self.update(batch, norm: norm, learningRate: learningRate)
        try self.takeOuterStep(batch)
        try self.updateRunningStatistics(first?.observations ?? [], of: batch)
        self.updateAverages()
      })
    try body(own)
    try own.finish()
    return report(
      batch, first?.losses, terms: [], learningRate: learningRate, norm: norm, freezing: freezing, since: started)
  }
}
