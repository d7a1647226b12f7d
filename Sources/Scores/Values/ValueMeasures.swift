/// The measures of regression, named and defined as in scikit-learn and scipy.
///
/// With several values a row, each measure is the mean over the values (`multioutput="uniform_average"`). A target that is
/// missing is left out of its column, a column without targets out of the mean.
public enum ValueMeasures {
  /// - Parameter targets: the number of values a row.
  public static func all(targets: Int = 1) -> MeasureList {
    precondition(targets >= 1, "a row has at least one value, not \(targets)")
    let errors = [
      ofColumns(targets, "mse", ["mean_squared_error"], isLargerBetter: false) { $0.meanSquaredError },
      // scikit-learn's root of several columns is the mean of their roots, too.
      ofColumns(targets, "rmse", ["root_mean_squared_error"], isLargerBetter: false) {
        $0.meanSquaredError.squareRoot()
      },
      ofColumns(targets, "mcrmse", isLargerBetter: false) { $0.meanSquaredError.squareRoot() },
      ofColumns(targets, "mae", ["mean_absolute_error"], isLargerBetter: false) { $0.meanAbsoluteError },
    ]
    return MeasureList(
      errors + [
        ofColumns(targets, "r2", ["r2_score"]) { $0.determination },
        ofColumns(targets, "pearson", ["pearsonr"]) { pearson($0.targets, $0.outputs) },
        ofColumns(targets, "spearman", ["spearmanr"]) { spearman($0.targets, $0.outputs) },
        ofColumns(targets, "kendall", ["kendalltau", "kendall_tau_b"]) { kendall($0.targets, $0.outputs) },
        ofColumns(targets, "quadratic_kappa", ["quadratic_weighted_kappa", "qwk"]) { $0.quadraticKappa },
      ])
  }

  private static func ofColumns(
    _ targets: Int, _ name: String, _ aliases: [String] = [], isLargerBetter: Bool = true,
    value: @escaping @Sendable (ValueColumn) -> Double
  ) -> Measure {
    .ofUsableRows(name, aliases: aliases, isLargerBetter: isLargerBetter) { rows in
      (0..<targets).map { ValueColumn(rows, $0, of: targets) }.filter { $0.count > 0 }.map(value).mean
    }
  }
}
