import Scores

/// The best evaluation of a run so far, by the metric that chooses its best model.
struct BestScore {
  var metric: String
  /// The class that the metric is of; nil where it is not of one class.
  var positive: String?
  var value: Double
  var step: Int?
  /// `raw`, or the name of an average.
  var weights: String

  /// Metrics that are better where they are smaller, for runs that do not say it.
  private static let errors: Set<String> = [
    "loss", "log_loss", "brier", "brier_multiclass", "ece", "hamming_loss", "coverage_error", "label_ranking_loss",
    "perplexity", "mse", "rmse", "mcrmse", "mae",
  ]

  /// - Parameter isFinished: whether the summary is that of the run as it stands.
  init?(_ reader: RunReader, isFinished: Bool) {
    if isFinished, let best = reader.files.summary?["best"], let value = best["value"]?.number {
      (metric, self.value, step) = (best["metric"]?.text ?? "", value, best["step"]?.integer)
      (weights, positive) = (best["weights"]?.text ?? "raw", best["positive"]?.text)
      return
    }
    let (record, facts) = (reader.record, reader.events.facts)
    let name = facts?.bestMetric ?? record.scores.first { $0.metric != "loss" }?.metric ?? "loss"
    let isLargerBetter = facts?.isLargerBetter ?? !Self.errors.contains(name)
    var found: (value: Double, step: Int, weights: String)?
    for score in record.scores where score.metric == name {
      for point in score.curve.points(width: score.curve.width) {
        let value = isLargerBetter ? point.greatest : point.least
        if let found, isLargerBetter ? value <= found.value : value >= found.value { continue }
        found = (value, point.step, score.weights)
      }
    }
    guard let found else { return nil }
    (metric, value, step, weights) = (name, found.value, found.step, found.weights)
    positive = PositiveClass.isMeasured(by: name) ? record.positive : nil
  }
}
