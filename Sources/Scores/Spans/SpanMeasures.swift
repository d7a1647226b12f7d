/// The measures of answers to questions, which a text may not have.
///
/// Each row has the five outputs of `SpanOutput`; its target is 1 where the text has an answer, else 0.
public enum SpanMeasures {
  /// - Parameter threshold: how much better than the best span no answer must be to be given; nil where it never is.
  public static func all(threshold: Double?) -> MeasureList {
    var measures: [Measure] = []
    for (name, alias, column) in [("exact_match", "exact", SpanOutput.exact), ("f1", "f1", .f1)] {
      measures.append(mean(name, [alias], column, threshold) { _ in true })
      measures.append(mean("has_answer_\(name)", ["HasAns_\(alias)"], column, threshold) { $0 == 1 })
      measures.append(mean("no_answer_\(name)", ["NoAns_\(alias)"], column, threshold) { $0 == 0 })
      measures.append(
        .ofUsableRows("best_\(name)", aliases: ["best_\(alias)"]) { SpanThreshold.best(on: $0, column).value })
      measures.append(
        .ofUsableRows("best_\(name)_threshold", aliases: ["best_\(alias)_thresh"]) {
          SpanThreshold.best(on: $0, column).threshold
        })
    }
    return MeasureList(measures)
  }

  /// The mean over rows whose target is chosen; undefined where there is none.
  private static func mean(
    _ name: String, _ aliases: [String], _ column: SpanOutput, _ threshold: Double?,
    of isChosen: @escaping @Sendable (Double) -> Bool
  ) -> Measure {
    .ofUsableRows(name, aliases: aliases) { rows in
      let chosen = (0..<rows.rows).filter { isChosen(rows.targets[$0]) }
      guard !chosen.isEmpty else { return .nan }
      let sum = chosen.reduce(0.0) { sum, row in
        let isNone = threshold.map { rows[row, .margin] > $0 } ?? false
        return sum + rows[row, isNone ? column.ofNone : column]
      }
      return sum / Double(chosen.count)
    }
  }
}

/// The numbers of a row that measures of answers read.
public enum SpanOutput: Int, Sendable, CaseIterable {
  /// The score of no answer, less that of the best span.
  case margin
  /// Of the best span.
  case exact, f1
  /// Of no answer.
  case exactOfNone, f1OfNone

  var ofNone: SpanOutput { self == .exact ? .exactOfNone : .f1OfNone }
}

/// From which margin on no answer is given.
public enum SpanThreshold {
  /// The threshold with the best mean over all rows, and that mean: a middle between two neighbouring margins, or one below or
  /// above all of them.
  ///
  /// Of several that are as good it is the least.
  public static func best(on rows: ScoredRows, _ column: SpanOutput = .f1) -> (threshold: Double, value: Double) {
    let order = (0..<rows.rows).sorted { rows[$0, .margin] < rows[$1, .margin] }
    guard let first = order.first else { return (0, .nan) }
    var sum = order.reduce(0.0) { $0 + rows[$1, column.ofNone] }
    var best = (threshold: rows[first, .margin] - 1, sum: sum)
    for (place, row) in order.enumerated() {
      sum += rows[row, column] - rows[row, column.ofNone]
      let margin = rows[row, .margin]
      let next = place + 1 < order.count ? rows[order[place + 1], .margin] : margin + 2
      if next > margin, sum > best.sum { best = (margin + (next - margin) / 2, sum) }
    }
    return (best.threshold, best.sum / Double(order.count))
  }

  /// The threshold of a model, on rows of which some have an answer and some have none; else 0.
  public static func chosen(on rows: ScoredRows) -> Double {
    Set(rows.targets).count > 1 ? best(on: rows).threshold : 0
  }
}

extension ScoredRows {
  fileprivate subscript(row: Int, output: SpanOutput) -> Double { outputs[row * width + output.rawValue] }
}
