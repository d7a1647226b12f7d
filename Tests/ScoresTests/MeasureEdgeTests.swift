import Scores
import Testing

@Suite("Measures at their edges")
struct MeasureEdgeTests {
  @Test("without rows, and where an output is not a number, every measure is undefined")
  func undefined() {
    let (nan, infinity) = (Double.nan, Double.infinity)
    let lists: [(MeasureList, Int, Int)] = [
      (ClassMeasures.all(classes: 3), 3, 1), (LabelSetMeasures.all(labels: 3), 3, 3),
      (ValueMeasures.all(targets: 3), 3, 3), (RankMeasures.all, 3, 1),
    ]
    for (list, width, targetWidth) in lists {
      let target = [Double](repeating: 1, count: targetWidth)
      let rows = [
        ScoredRows(width: width, outputs: [], targetWidth: targetWidth, targets: []),
        ScoredRows(width: width, outputs: [0.2, nan, 0.3], targetWidth: targetWidth, targets: target),
        ScoredRows(width: width, outputs: [0.2, infinity, 0.3], targetWidth: targetWidth, targets: target),
        ScoredRows(
          width: width, outputs: [0.2, 0.5, 0.3], targetWidth: targetWidth, targets: target.map { _ in nan }),
      ]
      for measure in list.measures {
        for rows in rows { #expect(measure.value(rows).isNaN, "\(measure.name) of \(rows)") }
      }
    }
  }

  @Test("rows without a class are left out")
  func missingClass() {
    var random = RandomRows(seed: 2)
    let rows = random.classes(rows: 30, classes: 4, levels: 5)
    let missing = Set([0, 7, 29])
    let masked = ScoredRows(
      width: 4, outputs: rows.outputs, targets: rows.targets.enumerated().map { missing.contains($0) ? .nan : $1 })
    let kept = rows[rows: (0..<30).filter { !missing.contains($0) }]
    for measure in ClassMeasures.all(classes: 4).measures + RankMeasures.all.measures {
      #expect(measure.value(masked) == measure.value(kept), "\(measure.name)")
    }
    #expect(ClassReport(classesOf: masked, names: ["a", "b", "c", "d"]).averages[0].support == 27)
  }

  @Test("of several values the measures are scikit-learn's and scipy's means over the columns")
  func columns() {
    let outputs = [2.5, -1, 0, 1.5, 1, 1, -2.5, 1, 3, 0, 0.5, -2, 2, -1, 1]
    var targets = [3, -1.5, 0.5, 1, 2, 0.5, -2, 0.25, 4, 0.5, 1, -3, 2, -2, 1]
    let list = ValueMeasures.all(targets: 3)
    func check(_ expected: [String: Double]) {
      let rows = ScoredRows(width: 3, outputs: outputs, targetWidth: 3, targets: targets)
      for (name, value) in expected { #expect(agree(list.value(name, rows), value), "\(name)") }
    }
    check([
      "mse": 0.4375, "rmse": 0.6456480562704773, "mcrmse": 0.6456480562704773, "mae": 0.5833333333333334,
      "r2": 0.8524483969249675, "pearson": 0.9557317928607078, "spearman": 0.9038740155403473,
      "kendall": 0.8532364273796085,
    ])
    // One target of the first column is missing, two of the last.
    for place in [3, 11, 14] { targets[place] = .nan }
    check([
      "mse": 0.43333333333333335, "rmse": 0.6409144250678978, "mae": 0.5972222222222222, "r2": 0.8308151317912843,
      "pearson": 0.9501414083486788, "spearman": 0.8855316062755111, "kendall": 0.829105658059221,
    ])
  }

  @Test("a column without targets is left out of the mean")
  func missingColumn() {
    let rows = ScoredRows(
      width: 2, outputs: [1, 9, 2, 9, 4, 9], targetWidth: 2, targets: [1, .nan, 3, .nan, 3, .nan])
    let alone = ScoredRows(width: 1, outputs: [1, 2, 4], targets: [1, 3, 3])
    for measure in ValueMeasures.all(targets: 1).measures {
      #expect(ValueMeasures.all(targets: 2).value(measure.name, rows) == measure.value(alone), "\(measure.name)")
    }
  }

  @Test("r2 of constant targets is 0, of exact outputs 1, also where the mean is rounded")
  func constantTargets() {
    let targets = [Double](repeating: 0.1, count: 7)
    let list = ValueMeasures.all()
    func value(_ name: String, _ outputs: [Double]) -> Double {
      list.value(name, ScoredRows(width: 1, outputs: outputs, targets: targets))
    }
    #expect(value("r2", [1, 2, 3, 4, 5, 6, 7]) == 0 && value("r2", targets) == 1)
    for name in ["pearson", "spearman", "kendall"] { #expect(value(name, [1, 2, 3, 4, 5, 6, 7]).isNaN) }
    for name in ["pearson", "spearman", "kendall", "quadratic_kappa"] { #expect(value(name, targets).isNaN) }
  }

  @Test("values far from each other or from zero are correlated all the same")
  func magnitudes() {
    let list = ValueMeasures.all()
    let targets = [1e200, -3e200, 2e200, 5e200]
    let rows = ScoredRows(width: 1, outputs: targets.map { $0 / 7 }, targets: targets)
    #expect(agree(list.value("pearson", rows), 1) && agree(list.value("spearman", rows), 1))
    let grades = ScoredRows(width: 1, outputs: [2.5, 1.4, 4.6, 3.5, 4.2, 2.2], targets: [3, 1, 5, 2, 4, 4])
    #expect(agree(list.value("quadratic_kappa", grades), 0.6086956521739131))
    let far = ScoredRows(width: 1, outputs: [1e300, 1], targets: [1, 2])
    #expect(!list.value("quadratic_kappa", far).isFinite || list.value("quadratic_kappa", far) < 0.1)
  }

  @Test("label sets give scikit-learn's values, missing targets are left out label by label")
  func labelSets() {
    let outputs = [0.9, 0.2, 0.4, 0.6, 0.1, 0.8, 0.3, 0.7, 0.2, 0.2, 0.2, 0.1, 0.5, 0.3, 0.9]
    var targets: [Double] = [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1]
    let list = LabelSetMeasures.all(labels: 3)
    func check(_ expected: [String: Double]) {
      let rows = ScoredRows(width: 3, outputs: outputs, targetWidth: 3, targets: targets)
      for (name, value) in expected { #expect(agree(list.value(name, rows), value), "\(name)") }
    }
    check([
      "hamming_loss": 0.26666666666666666, "accuracy": 0.4, "subset_accuracy": 0.4, "lrap": 0.9, "coverage_error": 1.4,
      "label_ranking_loss": 0.1, "f1_micro": 2.0 / 3, "f1_macro": 0.48888888888888893,
      "f1_weighted": 0.7333333333333333,
      "f1_samples": 0.4666666666666666, "precision_samples": 0.5, "recall_macro": 0.4444444444444444,
      "roc_auc_micro": 0.8796296296296297, "roc_auc_macro": .nan, "average_precision_micro": 0.8412698412698412,
      "average_precision_macro": 0.6018518518518519,
    ])
    // All of the second label and of the fourth row, and one of each of the others.
    for place in [3, 14] + [1, 4, 7, 10, 13] + [9, 11] { targets[place] = .nan }
    check([
      "f1_macro": (0.8 + 2.0 / 3) / 2, "roc_auc_macro": .nan, "average_precision_macro": 1,
      "log_loss": (3 * 0.6674935001812359 + 3 * 0.45419261150085816) / 6, "hamming_loss": 2.0 / 6,
      "subset_accuracy": 2.0 / 4,
    ])
  }

  @Test("a label is predicted from its own threshold on")
  func thresholds() {
    let rows = ScoredRows(
      width: 2, outputs: [0.3, 0.7, 0.29, 0.8], targetWidth: 2, targets: [1, 0, 0, 1])
    let list = LabelSetMeasures.all(labels: 2, thresholds: [0.3, 0.8])
    #expect(list.value("subset_accuracy", rows) == 1 && list.value("f1_macro", rows) == 1)
    #expect(LabelSetMeasures.all(labels: 2).value("subset_accuracy", rows) == 0.5)
  }

  @Test("the right candidate stands behind those of equal score")
  func ranks() {
    let rows = ScoredRows(width: 3, outputs: [3, 1, 2, 1, 1, 0, 5, 5, 5], targets: [2, 0, 1])
    // Ranks 2, 2 and 3.
    #expect(agree(RankMeasures.all.value("mrr", rows), (0.5 + 0.5 + 1.0 / 3) / 3))
    #expect((1...3).map { RankMeasures.all.value("recall@\($0)", rows) } == [0, 2.0 / 3, 1])
  }

  @Test("rows are chosen in any order, also several times")
  func subscripts() {
    let rows = ScoredRows(width: 2, outputs: [1, 2, 3, 4, 5, 6], targets: [7, 8, 9])
    let chosen = rows[rows: [2, 0, 2]]
    #expect(chosen.outputs == [5, 6, 1, 2, 5, 6] && chosen.targets == [9, 7, 9] && chosen.rows == 3)
    #expect(Array(rows.outputs(of: 1)) == [3, 4] && Array(rows.targets(of: 1)) == [8])
  }
}
