import Scores

/// How a score separates the rows of a class from the others at every threshold: ROC curve, and precision over recall.
struct OperatingCurve {
  /// The class or label.
  var name: String
  /// The share of other rows above each threshold, and of the class's rows.
  private(set) var roc: [(x: Double, y: Double)] = [(0, 0)]
  /// Recall and precision.
  private(set) var precision: [(x: Double, y: Double)] = []
  /// Under the ROC curve.
  private(set) var area = 0.0
  /// Precision weighted by the recall that each step adds, as scikit-learn's.
  private(set) var averagePrecision = 0.0

  /// Points that a screen can show.
  private static let mostPoints = 120

  /// - Parameter rows: the score of each row, and whether it is of the class.
  /// - Returns: nil where all or none are.
  init?(_ name: String, _ rows: [(score: Double, isOfClass: Bool)]) {
    let positives = Double(rows.count(where: \.isOfClass))
    let negatives = Double(rows.count) - positives
    guard positives > 0, negatives > 0 else { return nil }
    self.name = name
    let sorted = rows.sorted { $0.score > $1.score }
    var (hits, misses, index) = (0.0, 0.0, 0)
    while index < sorted.count {
      let score = sorted[index].score
      let (before, missesBefore) = (hits, misses)
      // Rows of one score are one step.
      while index < sorted.count, sorted[index].score == score {
        if sorted[index].isOfClass { hits += 1 } else { misses += 1 }
        index += 1
      }
      area += (misses - missesBefore) * (before + hits) / 2
      averagePrecision += (hits - before) / positives * hits / (hits + misses)
      roc.append((misses / negatives, hits / positives))
      precision.append((hits / positives, hits / (hits + misses)))
    }
    area /= positives * negatives
    (roc, precision) = (Self.thinned(roc), Self.thinned(precision))
  }

  /// Points that stand apart on the screen, the first and the last among them.
  private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var kept = points.first.map { [$0] } ?? []
    let distance = 1.0 / Double(mostPoints)
    for point in points.dropFirst().dropLast() {
      guard let last = kept.last, abs(point.x - last.x) + abs(point.y - last.y) >= distance else { continue }
      kept.append(point)
    }
    return kept + points.dropFirst().suffix(1)
  }

  /// One for the positive class of two, and one for each of the largest classes or labels.
  static func all(of validation: ReportedRun.Validation) -> [OperatingCurve] {
    let rows = validation.scored
    switch validation.form {
    case .classes(let names):
      // Rows whose class is not known say nothing.
      let known = (0..<rows.rows).filter { !rows.targets[$0 * rows.targetWidth].isNaN }
      let chosen = validation.positive.map { [$0.index] } ?? Array(names.indices)
      return largest(
        chosen.map { index in
          (
            names[index],
            known.map { (rows.outputs[$0 * rows.width + index], Int(rows.targets[$0 * rows.targetWidth]) == index) }
          )
        })
    case .labels(let names):
      return largest(
        names.indices.map { index in
          (
            names[index],
            (0..<rows.rows).filter { !rows.targets[$0 * rows.targetWidth + index].isNaN }.map {
              (rows.outputs[$0 * rows.width + index], rows.targets[$0 * rows.targetWidth + index] > 0.5)
            }
          )
        })
    case .values, .words, .other: return []
    }
  }

  private static let mostCurves = 8

  private static func largest(_ classes: [(name: String, rows: [(score: Double, isOfClass: Bool)])]) -> [OperatingCurve]
  {
    classes.map { ($0, $0.rows.count(where: \.isOfClass)) }.sorted { $0.1 > $1.1 }.prefix(mostCurves)
      .compactMap { OperatingCurve($0.0.name, $0.0.rows) }
  }
}
