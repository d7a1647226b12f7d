import Scores
import Testing

struct ScoresTests {
  private struct Scenario: Decodable {
    struct Case: Decodable {
      let labels: [Int]
      let predictions: [Int]
      let accuracy: Double
      let f1Macro: Double
      let f1Micro: Double
      let f1Weighted: Double
      let f1Binary: Double?
      let mcc: Double
      let precisionMacro: Double
      let recallMacro: Double
      let confusion: [[Int64]]
    }
    let cases: [Case]
  }

  /// Rows whose largest output is the prediction.
  private func rows(_ labels: some Sequence<Int>, _ predictions: some Sequence<Int>, classes: Int) -> ScoredRows {
    ScoredRows(
      width: classes, outputs: predictions.flatMap { predicted in (0..<classes).map { $0 == predicted ? 1.0 : 0 } },
      targets: labels.map(Double.init))
  }

  @Test("every score is that of scikit-learn")
  func golden() throws {
    let scenario = try Golden.scenario("metrics", as: Scenario.self)
    #expect(!scenario.cases.isEmpty)
    for reference in scenario.cases {
      let classes = reference.confusion.count
      let scored = rows(reference.labels, reference.predictions, classes: classes)
      let expected = [
        "accuracy": reference.accuracy, "f1_macro": reference.f1Macro, "f1_micro": reference.f1Micro,
        "f1_weighted": reference.f1Weighted, "matthews": reference.mcc, "precision_macro": reference.precisionMacro,
        "recall_macro": reference.recallMacro, "f1": reference.f1Binary ?? reference.f1Macro,
      ]
      for (name, value) in expected {
        let found = ClassMeasures.all(classes: classes).value(name, scored)
        #expect(abs(found - value) < 1e-12, "\(name) of \(classes) classes")
      }
    }
  }

  @Test("counts are the rows of each label and prediction, however they are divided over ranks")
  func counts() throws {
    for reference in try Golden.scenario("metrics", as: Scenario.self).cases {
      let classes = reference.confusion.count
      var parts = [ConfusionMatrix](repeating: ConfusionMatrix(classes: classes), count: 3)
      for (row, label) in reference.labels.enumerated() {
        parts[row % 3].add(label: label, prediction: reference.predictions[row])
      }
      let whole = parts.dropFirst().reduce(into: parts[0]) { $0.merge($1) }
      #expect(whole.counts == reference.confusion.flatMap { $0 })
      #expect(ConfusionMatrix(classes: classes, counts: whole.counts) == whole)
    }
  }

  @Test("with two classes precision, recall and f1 are those of class 1, or of the class that is named")
  func binary() {
    let scored = rows([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0, 0], classes: 2)
    // scikit-learn's pos_label=1 and pos_label=0.
    let expected: [(positive: Int, values: [Double])] = [
      (1, [2.0 / 4, 2.0 / 3, 4.0 / 7]), (0, [2.0 / 3, 2.0 / 4, 4.0 / 7]),
    ]
    for (positive, values) in expected {
      let list = ClassMeasures.all(classes: 2, positive: positive)
      #expect(["precision", "recall", "f1"].map { list.value($0, scored) } == values)
    }
  }

  @Test("with more than two classes no class is the positive one: f1 is f1_macro, under that name")
  func manyClasses() {
    let list = ClassMeasures.all(classes: 3)
    for name in ["f1", "precision", "recall"] {
      #expect(list.named(name)?.name == name + "_macro" && list.named(name)?.isOfPositiveClass == false)
      #expect(ClassMeasures.all(classes: 2).named(name)?.isOfPositiveClass == true)
    }
  }

  @Test(
    "the positive class is found by its name, and is the second where none is given",
    arguments: [
      (nil, ["ham", "spam"], 1), ("ham", ["ham", "spam"], 0), ("spam", ["ham", "spam"], 1),
      ("eggs", ["ham", "spam"], nil),
      ("0", ["ham", "spam"], nil), ("0", ["LABEL_0", "LABEL_1"], 0), ("LABEL_0", ["0", "1"], 0), ("1", ["1", "0"], 0),
      (nil, ["a", "b", "c"], nil), ("a", ["a", "b", "c"], nil),
    ] as [(String?, [String], Int?)])
  func positiveClass(name: String?, names: [String], index: Int?) {
    let found = PositiveClass(name, among: names)
    #expect(found?.index == index && found?.name == index.map { names[$0] })
  }

  @Test("a class that neither occurs nor is predicted does not lower the macro average")
  func absentClass() {
    let (labels, predictions) = ([0, 0, 1, 1], [0, 0, 1, 0])
    for name in ["f1_macro", "precision_macro", "recall_macro"] {
      #expect(
        ClassMeasures.all(classes: 3).value(name, rows(labels, predictions, classes: 3))
          == ClassMeasures.all(classes: 2).value(name, rows(labels, predictions, classes: 2)), "\(name)")
    }
  }

  @Test("a mean is the sum of all parts over the weight of all parts")
  func weightedSum() {
    var total = WeightedSum.zero
    total += WeightedSum(sum: 3, weight: 1)
    total += WeightedSum(sum: 3, weight: 5)
    #expect(total.mean == 1)
    #expect(WeightedSum.zero.mean.isNaN)
  }
}
