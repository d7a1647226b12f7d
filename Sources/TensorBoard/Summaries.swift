import Runs
import Training

extension ProtoSummary.Value {
  /// One number of a step. TensorBoard puts tags with the same first part side by side.
  init(_ tag: String, _ value: Double) {
    self.init()
    self.tag = tag
    simpleValue = Float(value)
  }

  init(_ tag: String, _ histogram: Histogram) {
    self.init()
    self.tag = tag
    histo = ProtoHistogram(histogram)
  }
}

extension ProtoHistogram {
  init(_ histogram: Histogram) {
    self.init()
    min = histogram.minimum
    max = histogram.maximum
    num = Double(histogram.count)
    sum = histogram.sum
    sumSquares = histogram.sumOfSquares
    for part in histogram.parts {
      // A bucket begins where the one before it ends, so a gap is an empty bucket.
      if part.lower > (bucketLimit.last ?? -.infinity) {
        bucketLimit.append(part.lower)
        bucket.append(0)
      }
      bucketLimit.append(part.upper)
      bucket.append(Double(part.count))
    }
  }
}

extension StepReport {
  var summary: [ProtoSummary.Value] {
    var values: [ProtoSummary.Value] = [
      .init("train/loss", loss), .init("train/learning_rate", learningRate), .init("train/gradient_norm", gradientNorm),
      .init("train/samples_per_second", samplesPerSecond), .init("train/seconds", seconds),
      .init("train/epoch", Double(epoch + 1)),
    ]
    values += terms.map { .init("train/terms/\($0.name)", $0.value) }
    if !isCommitted { values.append(.init("train/skipped", 1)) }
    return values
  }
}

extension EvaluationReport {
  /// Averages stand beside the weights that are trained: `validation/accuracy` and `validation/accuracy/ema`.
  var summary: [ProtoSummary.Value] {
    let suffix = weights == "raw" ? "" : "/\(weights)"
    return [.init("validation/loss\(suffix)", loss)]
      + metrics.map { .init("validation/\($0.name)\(suffix)", $0.value) }
  }
}

extension PaceReport {
  var summary: [ProtoSummary.Value] {
    [("data", data), ("compute", compute), ("communication", communication), ("waiting", waiting)].flatMap {
      part, all in
      all.enumerated().map { .init("ranks/\(part)/\($0)", $1) }
    }
  }
}

extension HistogramReport {
  var summary: [ProtoSummary.Value] {
    tensors.flatMap { tensor in
      [.init("weights/\(tensor.name)", tensor.weights)]
        + (tensor.gradients.map { [.init("gradients/\(tensor.name)", $0)] } ?? [])
    }
  }
}
