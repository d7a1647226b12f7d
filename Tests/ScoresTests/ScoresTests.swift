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

  private func matrix(_ labels: some Sequence<Int>, _ predictions: some Sequence<Int>, classes: Int) -> ConfusionMatrix
  {
    var matrix = ConfusionMatrix(classes: classes)
    for (label, prediction) in zip(labels, predictions) { matrix.add(label: label, prediction: prediction) }
    return matrix
  }

  @Test("every score is that of scikit-learn, however the rows are divided over ranks")
  func golden() throws {
    let scenario = try Golden.scenario("metrics", as: Scenario.self)
    #expect(!scenario.cases.isEmpty)
    for reference in scenario.cases {
      let classes = reference.confusion.count
      let cut = reference.labels.count / 3
      var counts = matrix(reference.labels.prefix(cut), reference.predictions.prefix(cut), classes: classes)
      counts.merge(matrix(reference.labels.dropFirst(cut), reference.predictions.dropFirst(cut), classes: classes))
      #expect(counts.counts == reference.confusion.flatMap { $0 })
      #expect(ConfusionMatrix(classes: classes, counts: counts.counts) == counts)

      var expected: [Metric: Double] = [
        .accuracy: reference.accuracy, .f1Macro: reference.f1Macro, .f1Micro: reference.f1Micro,
        .f1Weighted: reference.f1Weighted, .matthews: reference.mcc, .precisionMacro: reference.precisionMacro,
        .recallMacro: reference.recallMacro,
      ]
      expected[.f1] = reference.f1Binary ?? reference.f1Macro
      for (metric, value) in expected {
        #expect(abs(metric.value(of: counts) - value) < 1e-12, "\(metric) of \(classes) classes")
      }
    }
  }

  @Test("with two classes precision, recall and f1 are those of class 1, or of the class that is named")
  func binary() {
    let counts = matrix([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0, 0], classes: 2)
    let metrics = [Metric.precision, .recall, .f1]
    // scikit-learn's pos_label=1 and pos_label=0.
    let (second, first): ([Double], [Double]) = ([2.0 / 4, 2.0 / 3, 4.0 / 7], [2.0 / 3, 2.0 / 4, 4.0 / 7])
    for (index, metric) in metrics.enumerated() {
      #expect(metric.value(of: counts) == second[index])
      #expect(metric.value(of: counts, positive: 1) == second[index])
      #expect(metric.value(of: counts, positive: 0) == first[index])
    }
  }

  @Test("the scores of both classes have scikit-learn's macro average as their mean")
  func bothClasses() throws {
    let scenario = try Golden.scenario("metrics", as: Scenario.self)
    let cases = scenario.cases.filter { $0.confusion.count == 2 && $0.f1Binary != nil }
    #expect(!cases.isEmpty)
    for reference in cases {
      let counts = ConfusionMatrix(classes: 2, counts: reference.confusion.flatMap { $0 })
      func mean(_ metric: Metric) -> Double {
        (metric.value(of: counts, positive: 0) + metric.value(of: counts, positive: 1)) / 2
      }
      #expect(abs(mean(.f1) - reference.f1Macro) < 1e-12 && abs(mean(.recall) - reference.recallMacro) < 1e-12)
      #expect(abs(mean(.precision) - reference.precisionMacro) < 1e-12)
      #expect(abs(Metric.f1.value(of: counts, positive: 1) - reference.f1Binary!) < 1e-12)
    }
  }

  @Test("with more than two classes no class is the positive one: f1 is f1_macro, under that name and once")
  func manyClasses() {
    let asked = [Metric.f1, .accuracy, .f1Macro, .precision, .recall, .recallMacro]
    #expect(Metric.reported(asked, classes: 2) == asked)
    #expect(Metric.reported(asked, classes: 3) == [.f1Macro, .accuracy, .precisionMacro, .recallMacro])
    let counts = matrix([0, 1, 2, 2, 1], [0, 2, 2, 1, 1], classes: 3)
    for metric in [Metric.f1, .precision, .recall] {
      #expect(metric.value(of: counts) == metric.reported(classes: 3).value(of: counts))
      #expect(metric.isOfPositiveClass && !metric.reported(classes: 3).isOfPositiveClass)
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
    let rows = ([0, 0, 1, 1], [0, 0, 1, 0])
    for metric in [Metric.f1Macro, .precisionMacro, .recallMacro] {
      #expect(
        metric.value(of: matrix(rows.0, rows.1, classes: 3)) == metric.value(of: matrix(rows.0, rows.1, classes: 2)))
    }
  }

  @Test("of no rows, and of rows of one class, every score is a number", arguments: Metric.allCases)
  func nothing(metric: Metric) {
    #expect(metric.value(of: ConfusionMatrix(classes: 2)) == 0)
    #expect(metric.value(of: matrix([0, 0], [0, 0], classes: 2)).isFinite)
  }

  @Test("a metric is found by the name of the recipe, matthews also as mcc")
  func names() {
    #expect(Metric.allCases.allSatisfy { Metric(name: $0.rawValue) == $0 })
    #expect(Metric(name: "mcc") == .matthews)
    #expect(Metric(name: "f2") == nil)
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
