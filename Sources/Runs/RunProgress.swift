import Training

/// What decides when to stop and which model is best; part of every checkpoint.
struct RunProgress: Codable, Equatable {
  var best: Double?
  var bestStep = 0
  var bestWeights = "raw"
  var evaluationsSinceBest = 0
  var lastEvaluatedStep = -1
  /// The newest evaluation's figure, larger is better: what a checkpoint is kept for.
  var lastScore: Double?
  /// Loss and its weight of the committed steps since the newest evaluation.
  var lossSum: Double?
  var lossWeight: Double?

  /// For a run that is continued with another figure: the old one's values mean nothing.
  mutating func forgetBest() {
    (best, bestStep, bestWeights, evaluationsSinceBest, lastScore) = (nil, 0, "raw", 0, nil)
  }

  mutating func add(_ report: StepReport) {
    guard report.isCommitted, report.lossSum.isFinite else { return }
    (lossSum, lossWeight) = ((lossSum ?? 0) + report.lossSum, (lossWeight ?? 0) + report.lossWeight)
  }

  /// The mean loss of those rows, which are forgotten.
  mutating func takeTrainingLoss() -> Double? {
    defer { (lossSum, lossWeight) = (nil, nil) }
    guard let lossSum, let lossWeight, lossWeight > 0 else { return nil }
    return lossSum / lossWeight
  }
}
