import Training

/// A number of an event, under the tag that charts give it. Tags with the same first part stand side by side.
package typealias Scalar = (tag: String, value: Double)

extension TrainingEvent {
  /// The numbers of a step, an evaluation or a report of the pace, with their step; nil for other events.
  package var scalars: (step: Int, values: [Scalar])? {
    switch self {
    case .step(let report): (report.step, report.scalars)
    case .evaluation(let report): (report.step, report.scalars)
    case .pace(let report): (report.step, report.scalars)
    case .began, .histograms, .checkpoint, .warning, .ended: nil
    }
  }
}

extension StepReport {
  fileprivate var scalars: [Scalar] {
    var values: [Scalar] = [
      ("train/loss", loss), ("train/learning_rate", learningRate), ("train/gradient_norm", gradientNorm),
      ("train/samples_per_second", samplesPerSecond), ("train/seconds", seconds), ("train/epoch", Double(epoch + 1)),
    ]
    values += terms.map { ("train/terms/\($0.name)", $0.value) }
    if !isCommitted { values.append(("train/skipped", 1)) }
    return values
  }
}

extension EvaluationReport {
  /// Averages stand next to the weights that are trained: `validation/accuracy` and `validation/accuracy/ema`.
  fileprivate var scalars: [Scalar] {
    let suffix = weights == "raw" ? "" : "/\(weights)"
    return [("validation/loss\(suffix)", loss)] + metrics.map { ("validation/\($0.name)\(suffix)", $0.value) }
  }
}

extension PaceReport {
  fileprivate var scalars: [Scalar] {
    [("data", data), ("compute", compute), ("communication", communication), ("waiting", waiting)].flatMap {
      part, all in
      all.enumerated().map { ("ranks/\(part)/\($0)", $1) }
    }
  }
}
