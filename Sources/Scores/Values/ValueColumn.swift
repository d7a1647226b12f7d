/// One value of each row that has a target for it.
struct ValueColumn {
  let targets: [Double]
  let outputs: [Double]

  init(_ rows: ScoredRows, _ column: Int, of count: Int) {
    precondition(
      rows.width == count && rows.targetWidth == count,
      "a row of \(count) values has \(rows.width) outputs and \(rows.targetWidth) targets")
    let known = (0..<rows.rows).filter { !rows.targets[$0 * count + column].isNaN }
    targets = known.map { rows.targets[$0 * count + column] }
    outputs = known.map { rows.outputs[$0 * count + column] }
  }

  var count: Int { targets.count }

  private var squaredErrors: [Double] { zip(targets, outputs).map { ($0 - $1) * ($0 - $1) } }

  var meanSquaredError: Double { squaredErrors.mean }

  var meanAbsoluteError: Double { zip(targets, outputs).map { abs($0 - $1) }.mean }

  /// The share of the targets' variance that the outputs explain. Of constant targets it is 0, or 1 where the outputs are
  /// exact; of fewer than two rows NaN.
  var determination: Double {
    guard count >= 2 else { return .nan }
    let errors = squaredErrors.reduce(0, +)
    let mean = targets.mean
    let spread = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    if spread == 0 || targets.isConstant { return errors == 0 ? 1 : 0 }
    return 1 - errors / spread
  }

  /// Cohen's kappa of the values rounded to whole numbers (halves to even), weighted by the squared distance.
  ///
  /// The expected squared distance of independent values is the sum of both variances and the squared distance of the
  /// means, so no table of counts is needed, however far apart the values lie.
  var quadraticKappa: Double {
    let labels = targets.map { $0.rounded(.toNearestOrEven) }
    let predictions = outputs.map { $0.rounded(.toNearestOrEven) }
    let observed = zip(labels, predictions).map { ($0 - $1) * ($0 - $1) }.mean
    let (first, second) = (labels.mean, predictions.mean)
    let expected =
      labels.map { ($0 - first) * ($0 - first) }.mean + predictions.map { ($0 - second) * ($0 - second) }.mean
      + (first - second) * (first - second)
    return expected == 0 ? .nan : 1 - observed / expected
  }
}

extension Collection<Double> {
  /// Whether all are equal to the first.
  var isConstant: Bool { allSatisfy { $0 == first } }
}
