import Metrics
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

  @Test("with two classes precision and recall are those of class 1")
  func binary() {
    let counts = matrix([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0, 0], classes: 2)
    #expect(Metric.precision.value(of: counts) == 2.0 / 4)
    #expect(Metric.recall.value(of: counts) == 2.0 / 3)
    #expect(Metric.f1.value(of: counts) == 4.0 / 7)
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
