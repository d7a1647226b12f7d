/// The threshold of each label that gives the best F1.
public enum LabelThresholds {
  /// Returns the threshold of each label, from which on it is predicted, with the largest F1 on these rows.
  ///
  /// F1 changes only where a threshold passes a score, so the candidates are the middles between neighbouring scores, the
  /// middle between 0 and the lowest, and 0.5. Of several that are best, the one nearest to 0.5 is taken, the lower of two: a
  /// label without a row that has it keeps 0.5. As each label is chosen alone, the macro F1 is the largest that thresholds
  /// can give.
  ///
  /// - Parameter rows: probabilities, and targets of 0, 1 or NaN (left out), as many of both as there are labels.
  public static func best(on rows: ScoredRows) -> [Double] {
    precondition(
      rows.width == rows.targetWidth, "a row of \(rows.width) labels has \(rows.width) targets, not \(rows.targetWidth)"
    )
    return (0..<rows.width).map { label in
      let pairs = (0..<rows.rows).map { (rows.outputs[$0 * rows.width + label], rows.targets[$0 * rows.width + label]) }
      return best(pairs.filter { $0.0.isFinite && !$0.1.isNaN }.map { ($0.0, $0.1 == 1) })
    }
  }

  private static func best(_ pairs: [(score: Double, isGiven: Bool)]) -> Double {
    let falling = pairs.sorted { $0.score > $1.score }
    let given = falling.count(where: \.isGiven)
    guard given > 0 else { return 0.5 }
    var best = (f1: -1.0, threshold: 0.5)
    var both = 0
    for (index, pair) in falling.enumerated() {
      both += pair.isGiven ? 1 : 0
      let next = index + 1 < falling.count ? falling[index + 1].score : nil
      if next == pair.score { continue }
      let f1 = Double(2 * both) / Double(index + 1 + given)
      let threshold = nearest(above: next, upTo: pair.score)
      if (f1, -abs(threshold - 0.5), -threshold) > (best.f1, -abs(best.threshold - 0.5), -best.threshold) {
        best = (f1, threshold)
      }
    }
    return best.threshold
  }

  /// The candidate between two neighbouring scores: 0.5 where it lies between them, else their middle.
  private static func nearest(above lower: Double?, upTo upper: Double) -> Double {
    if 0.5 <= upper, lower.map({ $0 < 0.5 }) ?? true { return 0.5 }
    // Not the lowest score itself: another order of summing may lower it by a bit.
    let lower = lower ?? 0
    let middle = lower + (upper - lower) / 2
    return middle > lower ? middle : upper
  }
}
