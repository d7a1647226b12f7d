import DataParallel
import Layers
import Models
import Tensors
import Tracing
import Training

/// The models that a run evaluates and leaves behind.
extension TrainingRun {
  /// Evaluates the weights, the averages that have begun, or both; keeps the best of all as `models/best`.
  func evaluate() throws {
    guard let evaluation else { return }
    trainer.enter("evaluation")
    progress.lastEvaluatedStep = trainer.step
    let trainingLoss = progress.takeTrainingLoss()
    let averages = trainer.averages.filter { $0.hasStarted(after: trainer.step) }
    let choice = trainer.settings.evaluatedWeights
    let isRawEvaluated = choice != .averages || averages.isEmpty
    var (isImproved, scores) = (false, [Double]())

    func judge(_ name: String, _ weights: Arena, _ buffers: Arena, _ report: EvaluationReport) throws {
      var report = report
      report.trainingLoss = trainingLoss
      tunedTasks[name] = report.tunedTask.map { (trainer.step, $0) }
      try notify(.evaluation(report))
      guard let score = score(report) else { return }
      if !isRawEvaluated || name == "raw" { scores.append(score) }
      guard isBest(report) else { return }
      isImproved = true
      try keep(weights, buffers, report.tunedTask)
    }
    if isRawEvaluated {
      let state = trainer.state
      let report = try track.span(.evaluation, number: trainer.step) {
        try evaluation(step: trainer.step, weights: "raw")
      }
      try judge("raw", state.weights, state.buffers, report)
    }
    for average in averages where choice != .raw {
      let (weights, buffers) = try hand(out: average)
      let report = try trainer.state.withWeights(weights, buffers: buffers) {
        try track.span(.evaluation, average.name, number: trainer.step) {
          try evaluation(step: trainer.step, weights: average.name)
        }
      }
      try judge(average.name, weights, buffers, report)
    }
    progress.lastScore = scores.max() ?? progress.lastScore
    progress.evaluationsSinceBest = isImproved ? 0 : progress.evaluationsSinceBest + 1
  }

  /// Of the figure that chooses the best model; the loss is the smaller the better.
  var isLargerBetter: Bool { bestMeasure?.isLargerBetter ?? false }

  /// The figure that chooses the best model, larger is better; nil where it is not a number.
  private func score(_ report: EvaluationReport) -> Double? {
    guard let value = report[best], !value.isNaN else { return nil }
    return isLargerBetter ? value : -value
  }

  /// Whether an evaluation is the best so far; of equals the older stays.
  private func isBest(_ report: EvaluationReport) -> Bool {
    guard let value = report[best], !value.isNaN else { return false }
    let isBetter = progress.best.map { isLargerBetter ? value > $0 : value < $0 } ?? true
    if isBetter { (progress.best, progress.bestStep, progress.bestWeights) = (value, report.step, report.weights) }
    return isBetter
  }

  /// Keeps the best weights so far.
  private func keep(_ weights: Arena, _ buffers: Arena, _ task: (any LearningTask)?) throws {
    do {
      try export(weights, buffers, as: "best", task)
      unwrittenBest = nil
    } catch  where !PeerFailure.isWantOfRoom(error) {
      // On rank 0 alone: all ranks go on, and agree on the best step all the same.
      unwrittenBest = progress.bestStep
      return try notify(
        .warning("models/best of step \(progress.bestStep) is not written (\(error)); the next better model is tried"))
    }
    guard keepImprovements > 0, trainer.isRoot, let best = progress.best else { return }
    let name = ImprovedModels.Name(step: progress.bestStep, metric: self.best, value: best)
    try export(weights, buffers, as: "\(name)", task)
    try ImprovedModels(directory: directory, count: keepImprovements, isLargerBetter: isLargerBetter).retain()
  }

  /// An average on every rank, with running statistics that belong to it.
  private func hand(out average: any WeightAverage) throws -> (weights: Arena, buffers: Arena) {
    let (weights, buffers) = try copy(of: average)
    guard refresh.isNeeded(average.refresh) else { return (weights, buffers) }
    if let known = refreshed[average.name], known.step == trainer.step { return (weights, known.buffers) }
    let fresh = refreshed[average.name]?.buffers ?? Arena(layout: buffers.layout)
    fresh.copy(from: buffers)
    try trainer.state.withWeights(weights, buffers: fresh) { try refresh(average.refresh, step: trainer.step) }
    refreshed[average.name] = (trainer.step, fresh)
    return (weights, fresh)
  }

  /// An average on every rank: its own where each keeps it, else rank 0's.
  private func copy(of average: any WeightAverage) throws -> (weights: Arena, buffers: Arena) {
    if average.isOnEveryRank, let own = average.averages { return own }
    if let own = average.averages {
      averageScratch.weights.copy(from: own.weights)
      averageScratch.buffers.copy(from: own.buffers)
    }
    try trainer.replicas.broadcast(averageScratch.weights, name: average.name, step: trainer.step)
    try trainer.replicas.broadcast(averageScratch.buffers, name: average.name + " buffers", step: trainer.step)
    return averageScratch
  }

  func exportAll() throws {
    let state = trainer.state
    try export(state.weights, state.buffers, as: "last", tunedTask(of: "raw", state.weights, state.buffers))
    for average in trainer.averages where average.hasStarted(after: trainer.step) {
      let (weights, buffers) = try hand(out: average)
      try export(weights, buffers, as: average.name, tunedTask(of: average.name, weights, buffers))
    }
    if let unwrittenBest {
      let left = "models/best holds an earlier one, or none"
      try notify(.warning("the best model, of step \(unwrittenBest), was not written; \(left)"))
    }
    if progress.best == nil {
      try export(state.weights, state.buffers, as: "best", tunedTask(of: "raw", state.weights, state.buffers))
    }
  }

  /// What a tuned task chose for weights of this step, by an evaluation of them where there was none; the same call on every
  /// rank.
  private func tunedTask(of name: String, _ weights: Arena, _ buffers: Arena) throws -> (any LearningTask)? {
    guard trainer.task.isTuned, let evaluation else { return nil }
    if let known = tunedTasks[name], known.step == trainer.step { return known.task }
    let report = try trainer.state.withWeights(weights, buffers: buffers) {
      try evaluation(step: trainer.step, weights: name)
    }
    tunedTasks[name] = report.tunedTask.map { (trainer.step, $0) }
    return report.tunedTask
  }

  private func exporter(of task: (any LearningTask)?) -> any ModelExporter {
    guard let task else { return exporter }
    return exporter.describing(task.head)
  }

  private func export(
    _ weights: Arena, _ buffers: Arena, as name: String, _ task: (any LearningTask)?
  ) throws {
    guard trainer.isRoot else { return }
    let path = directory.model(name)
    let exporter = exporter(of: task)
    try track.span(.export) {
      try directory.diskWait.retrying(path) { try exporter.write(weights: weights, buffers: buffers, to: path) }
    }
  }
}
