/// Rows of multi-label classification with their predictions; targets that are missing are left out one by one.
struct LabelSetRows {
  let labels: Int
  private let rows: ScoredRows
  private let thresholds: [Double]
  /// The counts of each row.
  let byRow: [LabelCounts]
  /// The counts of each label.
  let byLabel: [LabelCounts]

  init(_ rows: ScoredRows, thresholds: [Double]) {
    let labels = thresholds.count
    precondition(
      rows.width == labels && rows.targetWidth == labels,
      "a row of \(labels) labels has \(rows.width) outputs and \(rows.targetWidth) targets")
    var byRow = [LabelCounts](repeating: LabelCounts(), count: rows.rows)
    var byLabel = [LabelCounts](repeating: LabelCounts(), count: labels)
    for row in 0..<rows.rows {
      for label in 0..<labels {
        let target = rows.targets[row * labels + label]
        if target.isNaN { continue }
        precondition(target == 0 || target == 1, "row \(row), label \(label): \(target) is not 0 or 1")
        let isPredicted = rows.outputs[row * labels + label] >= thresholds[label]
        byRow[row].add(isGiven: target == 1, isPredicted: isPredicted)
        byLabel[label].add(isGiven: target == 1, isPredicted: isPredicted)
      }
    }
    (self.labels, self.rows, self.thresholds, self.byRow, self.byLabel) = (labels, rows, thresholds, byRow, byLabel)
  }

  /// The counts of all rows and labels.
  var total: LabelCounts { byLabel.reduce(into: LabelCounts()) { $0.merge($1) } }

  /// The rows that have a target.
  var knownRows: [LabelCounts] { byRow.filter { $0.known > 0 } }

  /// One score by one average over the labels that have targets, or over the rows that have.
  func score(_ average: LabelAverage, _ score: (LabelCounts) -> Double) -> Double {
    let columns = byLabel.filter { $0.known > 0 }
    switch average {
    case .micro: return score(total)
    case .macro: return columns.map(score).mean
    case .samples: return knownRows.map(score).mean
    case .weighted:
      let given = total.given
      guard given > 0 else { return columns.map(score).mean }
      return columns.reduce(0) { $0 + Double($1.given) * score($1) } / Double(given)
    }
  }

  /// The mean over the labels that have targets of a number of the label's curve.
  func meanOfCurves(_ value: (BinaryCurve) -> Double) -> Double {
    (0..<labels).filter { byLabel[$0].known > 0 }.map { value(BinaryCurve(pairs(of: $0..<$0 + 1))) }.mean
  }

  /// The curve of all rows and labels at once.
  var curve: BinaryCurve { BinaryCurve(pairs(of: 0..<labels)) }

  /// The mean over rows and labels of minus the logarithm of the probability of what the target says.
  var logLoss: Double {
    pairs(of: 0..<labels).lazy.map { clippedLoss($0.isPositive ? $0.score : 1 - $0.score) }.mean
  }

  /// The mean over the rows of a number of the row's ranking.
  func meanOfRankings(_ value: (LabelRanking) -> Double) -> Double {
    byRow.indices.filter { byRow[$0].known > 0 }.map { row in
      value(LabelRanking(zip(rows.outputs(of: row), rows.targets(of: row))))
    }.mean
  }

  /// Score and truth of every row for these labels.
  private func pairs(of columns: Range<Int>) -> [(score: Double, isPositive: Bool)] {
    (0..<rows.rows).flatMap { row in
      columns.compactMap { label in
        let target = rows.targets[row * labels + label]
        return target.isNaN ? nil : (rows.outputs[row * labels + label], target == 1)
      }
    }
  }
}
