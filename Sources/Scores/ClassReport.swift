/// Precision, recall and F1 of every class, with their means: scikit-learn's `classification_report`.
///
/// Classes that neither occur nor are predicted are left out, as there, so the means are those of the measures of the same
/// names; labels of a multi-label task are all listed.
public struct ClassReport: Sendable, Equatable {
  /// The scores of one class, or a mean of them.
  public struct Row: Sendable, Equatable {
    public let name: String
    public let precision: Double
    public let recall: Double
    public let f1: Double
    /// The rows of the class; in a mean, the sum.
    public let support: Int
  }

  public let classes: [Row]
  /// The share of rows that are predicted right; nil for label sets, whose micro average it would not be.
  public let accuracy: Double?
  /// `macro avg` and `weighted avg`; of label sets `micro avg` before and `samples avg` after them.
  public let averages: [Row]

  /// The report of single-label classification.
  ///
  /// - Parameter names: of all classes, in their order.
  public init(classesOf rows: ScoredRows, names: [String]) {
    let matrix = ClassRows(rows, classes: names.count).matrix
    let total = Int(matrix.total)
    func row(_ name: String, _ average: ClassAverage, _ support: Int) -> Row {
      Row(
        name: name, precision: matrix.precision(average), recall: matrix.recall(average), f1: matrix.f1(average),
        support: support)
    }
    classes = names.indices.filter { matrix.support($0) + matrix.predicted($0) > 0 }.map {
      row(names[$0], .positive($0), Int(matrix.support($0)))
    }
    accuracy = matrix.accuracy
    averages = [row("macro avg", .macro, total), row("weighted avg", .weighted, total)]
  }

  /// The report of multi-label classification.
  ///
  /// - Parameter thresholds: one a label; 0.5 by default.
  public init(labelSetsOf rows: ScoredRows, names: [String], thresholds: [Double]? = nil) {
    let rows = LabelSetRows(rows, thresholds: thresholds ?? [Double](repeating: 0.5, count: names.count))
    classes = zip(names, rows.byLabel).map { name, counts in
      Row(name: name, precision: counts.precision, recall: counts.recall, f1: counts.f1, support: counts.given)
    }
    accuracy = nil
    averages = LabelAverage.allCases.map { average in
      Row(
        name: "\(average.rawValue) avg", precision: rows.score(average, \.precision),
        recall: rows.score(average, \.recall), f1: rows.score(average, \.f1), support: rows.total.given)
    }
  }

  /// A table with a line a class. Names come last, so that wide characters move no figure.
  public var text: String {
    let total = averages.first?.support ?? 0
    let heading = Self.line(["precision", "recall", "f1-score", "support"], "")
    let accuracy = accuracy.map { [Self.line(["", "", Self.figure($0), String(total)], "accuracy")] } ?? []
    let lines = [heading] + classes.map(Self.line) + [""] + accuracy + averages.map(Self.line)
    return lines.joined(separator: "\n")
  }

  private static func line(_ row: Row) -> String {
    line([figure(row.precision), figure(row.recall), figure(row.f1), String(row.support)], row.name)
  }

  private static func line(_ figures: [String], _ name: String) -> String {
    let columns = figures.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined(separator: "  ")
    return name.isEmpty ? columns : "\(columns)  \(name)"
  }

  /// With four digits behind the point.
  private static func figure(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    let digits = String(Int((value * 10_000).rounded()))
    let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    return padded.dropLast(4) + "." + padded.suffix(4)
  }
}
