/// Rows of single-label classification with their predictions; rows without a label are left out.
struct ClassRows {
  let classes: Int
  private let outputs: [Double]
  /// The row in `outputs` of each row that has a label.
  private let places: [Int]
  let labels: [Int]

  init(_ rows: ScoredRows, classes: Int) {
    precondition(rows.width == classes, "a row of \(classes) classes has \(classes) outputs, not \(rows.width)")
    // The probabilities of a soft label stand behind its most probable class, which it is judged by.
    let width = rows.targetWidth
    precondition(width == 1 || width == classes + 1, "a row of \(classes) classes has one of them, not \(width)")
    let targets = stride(from: 0, to: rows.targets.count, by: width).map { rows.targets[$0] }
    self.classes = classes
    outputs = rows.outputs
    places = targets.indices.filter { !targets[$0].isNaN }
    labels = places.map { row in
      guard let label = Int(exactly: targets[row]), 0..<classes ~= label else {
        preconditionFailure("row \(row): \(targets[row]) is not one of \(classes) classes")
      }
      return label
    }
  }

  var count: Int { labels.count }

  func probability(_ row: Int, of index: Int) -> Double { outputs[places[row] * classes + index] }

  /// The class of the largest output, the first of several.
  var predictions: [Int] {
    outputs.withUnsafeBufferPointer { outputs in
      places.map { place in
        let start = place * classes
        var best = 0
        for index in 1..<max(1, classes) where outputs[start + index] > outputs[start + best] { best = index }
        return best
      }
    }
  }

  var matrix: ConfusionMatrix {
    var matrix = ConfusionMatrix(classes: classes)
    for (label, prediction) in zip(labels, predictions) { matrix.add(label: label, prediction: prediction) }
    return matrix
  }

  /// The share of rows whose label is among the `k` classes of the largest outputs; of equal ones the later comes first,
  /// as in scikit-learn.
  func topAccuracy(_ k: Int) -> Double {
    outputs.withUnsafeBufferPointer { outputs in
      let hits = labels.indices.count { row in
        let (start, label) = (places[row] * classes, labels[row])
        let own = outputs[start + label]
        var before = 0
        for index in 0..<classes where outputs[start + index] > own || (outputs[start + index] == own && index > label)
        {
          before += 1
        }
        return before < k
      }
      return Double(hits) / Double(count)
    }
  }

  /// The curve of one class against the others, or against one other alone.
  func curve(of index: Int, against other: Int? = nil) -> BinaryCurve {
    let chosen = labels.indices.filter { other == nil || labels[$0] == index || labels[$0] == other }
    return BinaryCurve(chosen.map { (probability($0, of: index), labels[$0] == index) })
  }

  /// The mean of minus the logarithm of the label's probability.
  var logLoss: Double { labels.indices.lazy.map { clippedLoss(probability($0, of: labels[$0])) }.mean }

  /// The mean squared distance of the probability of one class from being of that class, 0 or 1.
  func brier(of index: Int) -> Double {
    labels.indices.lazy.map { row in
      let distance = probability(row, of: index) - (labels[row] == index ? 1 : 0)
      return distance * distance
    }.mean
  }

  /// The expected calibration error over 15 bins; NaN where a confidence is not a probability.
  var calibrationError: Double {
    var calibration = Calibration()
    for (row, prediction) in predictions.enumerated() {
      let confidence = probability(row, of: prediction)
      guard 0...1.000_001 ~= confidence else { return .nan }
      calibration.add(confidence: confidence, isCorrect: prediction == labels[row])
    }
    return calibration.expectedError
  }
}
