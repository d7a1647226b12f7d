/// The measures of multi-label classification, named and defined as in scikit-learn.
///
/// A label is predicted where its probability is at least its threshold. A target that is missing is left out, a row or
/// label without targets left out of the means over rows and labels.
public enum LabelSetMeasures {
  /// - Parameter thresholds: one a label; 0.5 by default.
  public static func all(labels: Int, thresholds: [Double]? = nil) -> MeasureList {
    precondition(labels >= 1, "a row has at least one label to be given, not \(labels)")
    let thresholds = thresholds ?? [Double](repeating: 0.5, count: labels)
    precondition(thresholds.count == labels, "\(labels) labels have \(labels) thresholds, not \(thresholds.count)")
    return MeasureList(averaged(thresholds) + sets(thresholds) + curves(thresholds) + rankings(thresholds))
  }

  private static func averaged(_ thresholds: [Double]) -> [Measure] {
    let scores: [(String, @Sendable (LabelCounts) -> Double)] = [
      ("f1", \.f1), ("precision", \.precision), ("recall", \.recall), ("jaccard", \.jaccard),
    ]
    return scores.flatMap { name, score in
      LabelAverage.allCases.map { average in
        ofRows(thresholds, "\(name)_\(average.rawValue)", average == .macro ? [name] : []) { $0.score(average, score) }
      }
    }
  }

  private static func sets(_ thresholds: [Double]) -> [Measure] {
    [
      ofRows(thresholds, "subset_accuracy", ["accuracy", "accuracy_score"]) { rows in
        rows.knownRows.map { $0.wrong == 0 ? 1 : 0 }.mean
      },
      ofRows(thresholds, "hamming_loss", ["hamming"], isLargerBetter: false) { rows in
        Double(rows.total.wrong) / Double(rows.total.known)
      },
      ofRows(thresholds, "log_loss", isLargerBetter: false) { $0.logLoss },
    ]
  }

  private static func curves(_ thresholds: [Double]) -> [Measure] {
    [
      ofRows(thresholds, "roc_auc_macro", ["roc_auc", "roc_auc_score", "auc"]) { $0.meanOfCurves(\.area) },
      ofRows(thresholds, "roc_auc_micro") { $0.curve.area },
      ofRows(thresholds, "average_precision_macro", ["average_precision", "average_precision_score"]) {
        $0.meanOfCurves(\.averagePrecision)
      },
      ofRows(thresholds, "average_precision_micro") { $0.curve.averagePrecision },
    ]
  }

  private static func rankings(_ thresholds: [Double]) -> [Measure] {
    let lrap = ["label_ranking_average_precision", "label_ranking_average_precision_score"]
    return [
      ofRows(thresholds, "lrap", lrap) { $0.meanOfRankings(\.averagePrecision) },
      ofRows(thresholds, "coverage_error", isLargerBetter: false) { $0.meanOfRankings(\.coverage) },
      ofRows(thresholds, "label_ranking_loss", isLargerBetter: false) { $0.meanOfRankings(\.loss) },
    ]
  }

  private static func ofRows(
    _ thresholds: [Double], _ name: String, _ aliases: [String] = [], isLargerBetter: Bool = true,
    value: @escaping @Sendable (LabelSetRows) -> Double
  ) -> Measure {
    .ofUsableRows(name, aliases: aliases, isLargerBetter: isLargerBetter) {
      let rows = LabelSetRows($0, thresholds: thresholds)
      return rows.total.known > 0 ? value(rows) : .nan
    }
  }
}
