import Checkpoints
import Collectives
import Layers
import Models
import Scores
import Tensors
import Tracing
import Training

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
  /// How many of the newest improved models stay.
  public var keepImprovements = 0
  /// Models of techniques that the recipe does not have, which another recipe may have left.
  public var foreignModels: [String] = []

  let evaluation: Evaluation?
  let refresh: BatchNormRefresh
  private let comparison: ReplicaComparison
  /// Running statistics made for an average at a step, by the average's name.
  var refreshed: [String: (step: Int, buffers: Arena)] = [:]
  /// What a tuned task chose for the weights of a name at a step.
  var tunedTasks: [String: (step: Int, task: any LearningTask)] = [:]
  var progress = RunProgress()
  /// The step of a best model that could not be written, until a better one was.
  var unwrittenBest: Int?
  /// The step whose checkpoint is there already, or begun.
  private var savedStep = 0
  private lazy var pace = Pace(trainer.replicas.group, step: trainer.step)
  lazy var averageScratch = (
    weights: Arena(layout: trainer.state.layout), buffers: Arena(layout: trainer.state.buffers.layout)
  )

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
    var found = try keeper.resume(resume, trainer: trainer, progress: &progress)
    let firstStep = trainer.step
    let isContinued = keeper.isContinuation(resume, trainer)
    if isContinued, try isFinished() { return finishedSummary }
    if isContinued, trainer.isRoot { found += try takeUp(after: firstStep) }
    savedStep = firstStep
    try comparison.compare()
    try notify(.began(fromStep: firstStep, totalSteps: trainer.settings.totalSteps))
    for note in warnings + found + (firstStep == 0 ? initial : []) { try notify(.warning(note)) }
    while trainer.step < trainer.settings.totalSteps, !hasLostPatience {
      try advance()
    }
    if progress.lastEvaluatedStep != trainer.step { try evaluate() }
    if keeper.isOn { try save() }
    try notify(outcome: keeper.finish())
    try exportAll()
    for average in trainer.averages where !average.hasStarted(after: trainer.step) {
      try notify(.warning("\(average.name) never started in \(trainer.step) steps, so there is none; lower its start"))
    }
    try notify(.ended)
    let bytesSent = try trainer.replicas.gather(
      [trainer.replicas.bytesSent], name: "bytes sent", step: trainer.step)
    var summary = RunSummary(
      steps: trainer.step, seconds: (.now - started) / .seconds(1), ranks: trainer.replicas.size,
      resumedFrom: firstStep > 0 ? firstStep : nil, best: progress.best, bestMetric: best,
      bestStep: progress.bestStep, bestWeights: progress.bestWeights)
    summary.positive = bestMeasure?.isOfPositiveClass == true ? trainer.task.positive : nil
    summary.bytesSent = bytesSent.joined().reduce(0, +)
    summary.inputs = (try? keeper.inputs?.digests()) ?? [:]
    return summary
  }

  /// The measure that chooses the best model; nil where the loss does.
  var bestMeasure: Measure? { trainer.settings.measures(of: trainer.task).first { $0.name == best } }

  /// Its name, or `loss`.
  var best: String { trainer.settings.best(of: trainer.task) }

  /// Whether the checkpoint is the end of the recipe and the run's results are there, as rank 0 finds them.
  private func isFinished() throws -> Bool {
    guard trainer.step >= trainer.settings.totalSteps || hasLostPatience else { return false }
    let isComplete = trainer.isRoot && directory.isComplete(after: trainer.step)
    return try trainer.replicas.gather([isComplete ? 1 : 0], name: "results", step: trainer.step)[0] == [1]
  }

  private var finishedSummary: RunSummary {
    var summary = RunSummary(
      steps: trainer.step, seconds: 0, ranks: trainer.replicas.size, resumedFrom: trainer.step,
      best: progress.best, bestMetric: best, bestStep: progress.bestStep,
      bestWeights: progress.bestWeights)
    summary.wasFinished = true
    return summary
  }

  /// Takes up the folder of the run that is continued: what would contradict it goes.
  /// - Returns: what the user should know of it.
  private func takeUp(after step: Int) throws -> [String] {
    try FileTree(directory.summary).remove()
    try ImprovedModels(directory: directory, count: keepImprovements, isLargerBetter: isLargerBetter).remove(
      after: step)
    let foreign = try EarlierRun(directory).putAside(models: foreignModels)
    let note =
      foreign.isEmpty
      ? [] : ["put aside, of techniques that the recipe lacks: models \(foreign.joined(separator: ", "))"]
    let written = observers.compactMap { ($0 as? Ledger)?.path ?? ($0 as? MetricsLog)?.path }
    return try directory.mendLogs(through: step, written: written) + note
  }

  private func advance() throws {
    let before = trainer.step
    var report = try track.span(.step, number: before + 1) {
      try trainer.advance(
        stopRequested: isStopRequested(), isPhaseDone: keeper.isPhaseDone, isSaveDue: keeper.isTimeUp)
    }
    if trainer.isPhaseDoneEverywhere {
      try notify(outcome: track.span(.checkpoint, number: trainer.step) { try keeper.proceed() })
    }
    if trainer.step > before {
      progress.add(report)
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
      try notify(outcome: keeper.finish())
      throw TrainingError.stopped(step: trainer.step)
    }
    if trainer.isSaveAgreed || keeper.interval.map(isDue) ?? false { try save() }
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
      for observer in observers { try observer.synchronize() }
      try notify(outcome: keeper.finish())
      try notify(outcome: keeper.begin(trainer: trainer, progress: progress))
    }
    savedStep = trainer.step
  }

  private func notify(outcome: CheckpointOutcome?) throws {
    switch outcome {
    case .committed(let step): try notify(.checkpoint(step: step))
    case .failed(let step, let reason): try notify(.warning("no checkpoint of step \(step): \(reason)"))
    case nil: break
    }
  }

  var track: Track { trainer.track }

  func notify(_ event: TrainingEvent) throws {
    guard !observers.isEmpty else { return }
    try track.span(.observers) {
      for observer in observers { try observer.observe(event) }
    }
  }
}
