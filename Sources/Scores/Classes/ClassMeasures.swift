/// The measures of single-label classification, named and defined as in scikit-learn.
///
/// The labels of all classes are known, as with scikit-learn's `labels=`; where a function has no such argument, a class
/// without rows makes the value undefined as it does there. The prediction is the class of the largest output.
public enum ClassMeasures {
  /// - Parameter positive: the class of two that f1, precision, recall and the binary curves are of. With more classes
  ///   `f1` finds `f1_macro`, `roc_auc` finds `roc_auc_ovr`, and so on.
  public static func all(classes: Int, positive: Int = 1) -> MeasureList {
    precondition(classes >= 1, "a classifier has at least one class, not \(classes)")
    precondition(classes != 2 || 0..<2 ~= positive, "class \(positive) is not one of two classes")
    let ofPredictions = accuracies(classes) + averaged(classes, positive) + agreements(classes)
    let top = MeasureList.Numbered(prefix: "top_", suffix: "_accuracy", numbers: 1..<max(1, classes)) { k in
      ofRows(classes, "top_\(k)_accuracy") { classes == 2 ? $0.matrix.accuracy : $0.topAccuracy(k) }
    }
    return MeasureList(ofPredictions + curves(classes, positive) + probabilities(classes, positive), numbered: [top])
  }

  private static func accuracies(_ classes: Int) -> [Measure] {
    [
      ofMatrix(classes, "accuracy", ["accuracy_score"]) { $0.accuracy },
      ofMatrix(classes, "balanced_accuracy", ["balanced_accuracy_score"]) { $0.balancedAccuracy },
    ]
  }

  private static func averaged(_ classes: Int, _ positive: Int) -> [Measure] {
    let scores: [(String, @Sendable (ConfusionMatrix, ClassAverage) -> Double)] = [
      ("f1", { $0.f1($1) }), ("precision", { $0.precision($1) }), ("recall", { $0.recall($1) }),
    ]
    let averages: [(String, ClassAverage)] = [("macro", .macro), ("micro", .micro), ("weighted", .weighted)]
    return scores.flatMap { name, score in
      let plain = [name, name + "_score"]
      let ofPositive = ofMatrix(classes, name, [name + "_score", name + "_binary"], isOfPositiveClass: true) {
        score($0, .positive(positive))
      }
      let means = averages.map { suffix, average in
        let aliases = suffix == "macro" && classes != 2 ? plain : []
        return ofMatrix(classes, "\(name)_\(suffix)", aliases) { score($0, average) }
      }
      return classes == 2 ? [ofPositive] + means : means
    }
  }

  private static func agreements(_ classes: Int) -> [Measure] {
    [
      ofMatrix(classes, "matthews", ["mcc", "matthews_corrcoef"]) { $0.matthews },
      ofMatrix(classes, "cohen_kappa", ["cohen_kappa_score"]) { $0.kappa { $0 == $1 ? 0 : 1 } },
      ofMatrix(classes, "linear_kappa", ["linear_weighted_kappa"]) { $0.kappa { Double(abs($0 - $1)) } },
      ofMatrix(classes, "quadratic_kappa", ["quadratic_weighted_kappa", "qwk"]) {
        $0.kappa { Double($0 - $1) * Double($0 - $1) }
      },
    ]
  }

  private static func curves(_ classes: Int, _ positive: Int) -> [Measure] {
    guard classes != 2 else {
      return [
        ofRows(
          classes, "roc_auc", ["roc_auc_score", "auc", "roc_auc_ovr", "roc_auc_ovo"], isOfPositiveClass: true
        ) { $0.curve(of: positive).area },
        ofRows(
          classes, "average_precision", ["average_precision_score", "average_precision_macro"], isOfPositiveClass: true
        ) { $0.curve(of: positive).averagePrecision },
      ]
    }
    return [
      ofRows(classes, "roc_auc_ovr", ["roc_auc", "roc_auc_score", "auc", "roc_auc_ovr_macro"]) { rows in
        (0..<classes).map { rows.curve(of: $0).area }.mean
      },
      ofRows(classes, "roc_auc_ovo", ["roc_auc_ovo_macro"]) { onePairAtATime($0) },
      ofRows(classes, "average_precision_macro", ["average_precision", "average_precision_score"]) { rows in
        guard Set(rows.labels).count == classes else { return .nan }
        return (0..<classes).map { rows.curve(of: $0).averagePrecision }.mean
      },
    ]
  }

  private static func probabilities(_ classes: Int, _ positive: Int) -> [Measure] {
    let brier = classes == 2 ? ["brier", "brier_score_loss"] : ["brier", "brier_score_loss", "brier_multiclass"]
    return [
      ofRows(classes, "log_loss", isLargerBetter: false) { $0.logLoss },
      ofRows(classes, "brier_score", brier, isLargerBetter: false, isOfPositiveClass: classes == 2) { rows in
        classes == 2 ? rows.brier(of: positive) : (0..<classes).reduce(0) { $0 + rows.brier(of: $1) }
      },
      ofRows(classes, "ece", ["expected_calibration_error"], isLargerBetter: false) { $0.calibrationError },
    ]
  }

  /// The mean over pairs of classes that occur of both areas within the pair.
  ///
  /// Hand and Till, A Simple Generalisation of the Area Under the ROC Curve for Multiple Class Classification Problems
  /// (2001), equation 7.
  private static func onePairAtATime(_ rows: ClassRows) -> Double {
    let present = Set(rows.labels).sorted()
    var areas: [Double] = []
    for (place, first) in present.enumerated() {
      for second in present.dropFirst(place + 1) {
        areas.append((rows.curve(of: first, against: second).area + rows.curve(of: second, against: first).area) / 2)
      }
    }
    return areas.mean
  }

  private static func ofMatrix(
    _ classes: Int, _ name: String, _ aliases: [String] = [], isOfPositiveClass: Bool = false,
    value: @escaping @Sendable (ConfusionMatrix) -> Double
  ) -> Measure {
    ofRows(classes, name, aliases, isOfPositiveClass: isOfPositiveClass) { value($0.matrix) }
  }

  private static func ofRows(
    _ classes: Int, _ name: String, _ aliases: [String] = [], isLargerBetter: Bool = true,
    isOfPositiveClass: Bool = false, value: @escaping @Sendable (ClassRows) -> Double
  ) -> Measure {
    .ofUsableRows(name, aliases: aliases, isLargerBetter: isLargerBetter, isOfPositiveClass: isOfPositiveClass) {
      let rows = ClassRows($0, classes: classes)
      return rows.count > 0 ? value(rows) : .nan
    }
  }
}
