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

extension HistogramReport {
  var summary: [ProtoSummary.Value] {
    tensors.flatMap { tensor in
      [.init("weights/\(tensor.name)", tensor.weights)]
        + (tensor.gradients.map { [.init("gradients/\(tensor.name)", $0)] } ?? [])
    }
  }
}
