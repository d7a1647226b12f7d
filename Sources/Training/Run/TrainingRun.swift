import Collectives
import Layers
import Metrics
import Models
import Tensors
import Tracing

/// A whole run: the trainer's steps, with evaluations, checkpoints, early stopping and the models that come out.
public final class TrainingRun {
  let trainer: Trainer
  let directory: RunDirectory
  let exporter: any ModelExporter
  let keeper: CheckpointKeeper
  /// On rank 0 alone.
  let observers: [any Observer]
  /// Whether this process was asked to stop; the ranks agree on the step before any of them does.
  let isStopRequested: () -> Bool
  /// Steps between histograms of weights and gradients; nil for none.
  public var histogramsEvery: Int?

  private let evaluation: Evaluation?
  private let refresh: BatchNormRefresh
  private let comparison: ReplicaComparison
  /// Running statistics made for an average at a step, by the average's name.
  private var refreshed: [String: (step: Int, buffers: Arena)] = [:]
  private var progress = Progress()
  /// The step whose checkpoint is there already, or begun.
  private var savedStep = 0
  private lazy var pace = Pace(trainer.replicas.group, step: trainer.step)
  private lazy var averageScratch = (
    weights: Arena(layout: trainer.parts.state.layout), buffers: Arena(layout: trainer.parts.state.buffers.layout)
  )

  /// What decides when to stop and which model is best; part of every checkpoint.
  struct Progress: Codable, Equatable {
    var best: Double?
    var bestStep = 0
    var bestWeights = "raw"
    var evaluationsSinceBest = 0
    var lastEvaluatedStep = -1
    /// The newest evaluation's figure, larger is better: what a checkpoint is kept for.
    var lastScore: Double?
  }

  public init(
    trainer: Trainer, directory: RunDirectory, exporter: any ModelExporter, keeper: CheckpointKeeper,
    observers: [any Observer], isStopRequested: @escaping () -> Bool
  ) {
    self.trainer = trainer
    comparison = ReplicaComparison(trainer)
    self.directory = directory
    self.exporter = exporter
    self.keeper = keeper
    self.observers = observers
    self.isStopRequested = isStopRequested
    evaluation = Evaluation(
      parts: trainer.parts, settings: trainer.settings, replicas: trainer.replicas, engine: trainer.engine)
    refresh = BatchNormRefresh(
      parts: trainer.parts, settings: trainer.settings, replicas: trainer.replicas, engine: trainer.engine)
  }

  /// Trains to the end of the recipe, to early stopping, or until all ranks agreed to stop on request.
  /// - Parameters:
  ///   - initial: what the user should know of weights that start anew; said unless a checkpoint replaces them.
  ///   - warnings: what the user should know in any case.
  /// - Throws: `TrainingError.stopped` after a committed checkpoint where a stop was requested.
  public func run(resume: ResumeChoice, notes initial: [String] = [], warnings: [String] = []) throws -> RunSummary {
    let started = ContinuousClock.now
    let found = try keeper.resume(resume, trainer: trainer, progress: &progress)
    let firstStep = trainer.step
    savedStep = firstStep
    try comparison.compare()
    try notify(.began(fromStep: firstStep, totalSteps: trainer.settings.totalSteps))
    for note in warnings + found + (firstStep == 0 ? initial : []) { try notify(.warning(note)) }
    while trainer.step < trainer.settings.totalSteps, !hasLostPatience {
      try advance()
    }
    if progress.lastEvaluatedStep != trainer.step { try evaluate() }
    if keeper.interval != nil { try save() }
    try tell(keeper.finish())
    try exportAll()
    for average in trainer.parts.averages where !average.hasStarted(after: trainer.step) {
      try notify(.warning("\(average.name) never started in \(trainer.step) steps, so there is none; lower its start"))
    }
    try notify(.ended)
    let bytesSent = try trainer.replicas.gather(
      [trainer.replicas.group.bytesSent], name: "bytes sent", step: trainer.step)
    var summary = RunSummary(
      steps: trainer.step, seconds: (.now - started) / .seconds(1), ranks: trainer.replicas.group.size,
      resumedFrom: firstStep > 0 ? firstStep : nil, best: progress.best, bestMetric: trainer.settings.best,
      bestStep: progress.bestStep, bestWeights: progress.bestWeights)
    if let metric = Metric(name: trainer.settings.best)?.reported(classes: trainer.parts.model.labels) {
      summary.bestMetric = metric.rawValue
      summary.positive = metric.isOfPositiveClass ? trainer.settings.positive.name : nil
    }
    summary.bytesSent = bytesSent.joined().reduce(0, +)
    return summary
  }

  private func advance() throws {
    let before = trainer.step
    var report = try track.span(.step, number: before + 1) {
      try trainer.advance(stopRequested: isStopRequested(), isPhaseDone: keeper.isPhaseDone)
    }
    if trainer.isPhaseDoneEverywhere {
      try tell(track.span(.checkpoint, number: trainer.step) { try keeper.proceed() })
    }
    if trainer.step > before {
      trainer.meetInjectedFaults()
      if isComparisonDue { report.state = try track.span(.comparison) { try comparison.compare() } }
    }
    try notify(.step(report))
    for event in pace.events(after: trainer.step) { try notify(event) }
    if trainer.step == before { return }
    if let interval = histogramsEvery, isDue(interval), !observers.isEmpty {
      try notify(.histograms(HistogramReport(of: trainer)))
    }
    if isDue(trainer.settings.evaluateEvery ?? trainer.parts.plan.stepsPerEpoch) { try evaluate() }
    if trainer.isStopAgreed {
      try save()
      try tell(keeper.finish())
      throw TrainingError.stopped(step: trainer.step)
    }
    if let interval = keeper.interval, isDue(interval) { try save() }
  }

  /// Known to the recipe alone, so that every run of it compares after the same steps.
  private var isComparisonDue: Bool {
    let interval = trainer.settings.compareReplicasEvery
    return interval > 0 && trainer.isInStep
      && (isDue(interval) || keeper.interval.map(isDue) ?? false || trainer.step == trainer.settings.totalSteps)
  }

  private func isDue(_ interval: Int) -> Bool { trainer.isDue(every: interval) }

  private var hasLostPatience: Bool {
    trainer.settings.patience.map { progress.evaluationsSinceBest >= $0 } ?? false
  }

  private func save() throws {
    guard savedStep != trainer.step else { return }
    trainer.enter("checkpoint")
    try track.span(.checkpoint, number: trainer.step) {
      // What is saved is what all ranks hold.
      try comparison.compare()
      try tell(keeper.finish())
      try tell(keeper.begin(trainer: trainer, progress: progress))
    }
    savedStep = trainer.step
  }

  private func tell(_ outcome: CheckpointOutcome?) throws {
    switch outcome {
    case .committed(let step): try notify(.checkpoint(step: step))
    case .failed(let step, let reason): try notify(.warning("no checkpoint of step \(step): \(reason)"))
    case nil: break
    }
  }

  private var track: Track { trainer.replicas.tracer.training }

  private func notify(_ event: TrainingEvent) throws {
    guard !observers.isEmpty else { return }
    try track.span(.observers) {
      for observer in observers { try observer.observe(event) }
    }
  }
}

extension TrainingRun {
  /// Evaluates the weights and every average that has begun; keeps the best of all as `models/best`.
  private func evaluate() throws {
    guard let evaluation else { return }
    trainer.enter("evaluation")
    progress.lastEvaluatedStep = trainer.step
    var improved = try judge(
      track.span(.evaluation, number: trainer.step) { try evaluation(step: trainer.step, weights: "raw") })
    if improved { try export(trainer.parts.state.weights, trainer.parts.state.buffers, as: "best") }
    for average in trainer.parts.averages where average.hasStarted(after: trainer.step) {
      let (weights, buffers) = try hand(out: average)
      let report = try trainer.parts.state.withWeights(weights, buffers: buffers) {
        try track.span(.evaluation, average.name, number: trainer.step) {
          try evaluation(step: trainer.step, weights: average.name)
        }
      }
      guard try judge(report) else { continue }
      improved = true
      try export(weights, buffers, as: "best")
    }
    progress.evaluationsSinceBest = improved ? 0 : progress.evaluationsSinceBest + 1
  }

  /// - Returns: whether this is the best evaluation so far; of equals the older stays.
  private func judge(_ report: EvaluationReport) throws -> Bool {
    try notify(.evaluation(report))
    let metric = trainer.settings.best
    guard let value = report[metric], !value.isNaN else { return false }
    if report.weights == "raw" { progress.lastScore = metric == "loss" ? -value : value }
    let isBetter = progress.best.map { metric == "loss" ? value < $0 : value > $0 } ?? true
    guard isBetter else { return false }
    (progress.best, progress.bestStep, progress.bestWeights) = (value, report.step, report.weights)
    return true
  }

  /// An average on every rank, with running statistics that belong to it.
  private func hand(out average: any Average) throws -> (weights: Arena, buffers: Arena) {
    let (weights, buffers) = try copy(of: average)
    guard refresh.isNeeded(average.refresh) else { return (weights, buffers) }
    if let known = refreshed[average.name], known.step == trainer.step { return (weights, known.buffers) }
    let fresh = refreshed[average.name]?.buffers ?? Arena(layout: buffers.layout)
    fresh.copy(from: buffers)
    try trainer.parts.state.withWeights(weights, buffers: fresh) { try refresh(average.refresh, step: trainer.step) }
    refreshed[average.name] = (trainer.step, fresh)
    return (weights, fresh)
  }

  /// An average on every rank: its own where each keeps it, else rank 0's.
  private func copy(of average: any Average) throws -> (weights: Arena, buffers: Arena) {
    if average.isOnEveryRank, let own = average.averages { return own }
    if let own = average.averages {
      averageScratch.weights.copy(from: own.weights)
      averageScratch.buffers.copy(from: own.buffers)
    }
    try trainer.replicas.broadcast(averageScratch.weights, name: average.name, step: trainer.step)
    try trainer.replicas.broadcast(averageScratch.buffers, name: average.name + " buffers", step: trainer.step)
    return averageScratch
  }

  private func exportAll() throws {
    try export(trainer.parts.state.weights, trainer.parts.state.buffers, as: "last")
    for average in trainer.parts.averages where average.hasStarted(after: trainer.step) {
      let (weights, buffers) = try hand(out: average)
      try export(weights, buffers, as: average.name)
    }
    if progress.best == nil { try export(trainer.parts.state.weights, trainer.parts.state.buffers, as: "best") }
  }

  private func export(_ weights: Arena, _ buffers: Arena, as name: String) throws {
    guard trainer.replicas.isRoot else { return }
    try track.span(.export) { try exporter.write(weights: weights, buffers: buffers, to: directory.model(name)) }
  }
}

/// Where a run begins.
public enum ResumeChoice: Sendable, Equatable {
  /// The newest valid checkpoint of the output folder, or the beginning.
  case auto
  case never
  /// The newest valid checkpoint of this folder, which must hold one.
  case from(String)
}
