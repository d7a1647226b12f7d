import Foundation
import Scores
import Testing

/// The value of every measure that the reference programs gave for given outputs and targets.
@Suite("Golden values of measures")
struct MeasureGoldenTests {
  @Test("of the probability of one class are those of scikit-learn")
  func binaryScores() throws {
    try each("binary_scores") { reference in
      let labels = try reference.numbers("labels")
      let scores = try reference.numbers("scores")
      let rows = ScoredRows(width: 2, outputs: scores.flatMap { [1 - $0, $0] }, targets: labels)
      let clipped = scores.map { min(max($0, 1e-7), 1 - 1e-7) }.flatMap { [1 - $0, $0] }
      let list = ClassMeasures.all(classes: 2)
      reference.compare(list, rows, except: ["labels", "scores", "log_loss_clipped_1e-7"])
      if let loss = reference.values["log_loss_clipped_1e-7"] {
        let own = list.named("log_loss")?.value(ScoredRows(width: 2, outputs: clipped, targets: labels))
        #expect(agree(own, loss))
      }
    }
  }

  @Test("of the probabilities of several classes are those of scikit-learn")
  func classProbabilities() throws {
    try each("class_probabilities") { reference in
      let probabilities = try reference.table("probabilities")
      let classes = probabilities[0].count
      let rows = ScoredRows(
        width: classes, outputs: probabilities.flatMap { $0 }, targets: try reference.numbers("labels"))
      reference.compare(ClassMeasures.all(classes: classes), rows, except: ["labels", "probabilities"])
    }
  }

  @Test("of label sets are those of scikit-learn")
  func multiLabel() throws {
    try each("multi_label") { reference in
      let scores = try reference.table("scores")
      let labels = try reference.table("labels")
      let width = scores[0].count
      let rows = ScoredRows(
        width: width, outputs: scores.flatMap { $0 }, targetWidth: width, targets: labels.flatMap { $0 })
      let predictions = try reference.table("predictions")
      #expect(predictions == scores.map { $0.map { $0 >= 0.5 ? 1 : 0 } })
      reference.compare(LabelSetMeasures.all(labels: width), rows, except: ["labels", "scores", "predictions"])
    }
  }

  @Test("of grades are those of scikit-learn, as classes and as values")
  func quadraticWeightedKappa() throws {
    try each("quadratic_weighted_kappa") { reference in
      let labels = try reference.numbers("labels")
      let predictions = try reference.numbers("predictions")
      let classes = Int(try #require(reference.values["classes"]))
      let outputs = predictions.flatMap { prediction in (0..<classes).map { Double($0) == prediction ? 1.0 : 0 } }
      let rows = ScoredRows(width: classes, outputs: outputs, targets: labels)
      let names = ["value": "quadratic_kappa", "linear": "linear_kappa", "unweighted": "cohen_kappa"]
      reference.compare(
        ClassMeasures.all(classes: classes), rows, except: ["labels", "predictions", "classes"], names: names)
      let value = ValueMeasures.all().named("quadratic_kappa")?.value(
        ScoredRows(width: 1, outputs: predictions.map { $0 + 0.25 }, targets: labels))
      #expect(agree(value, reference.values["value"]))
    }
  }

  @Test("of values are those of scikit-learn and scipy, undefined where theirs are")
  func regression() throws {
    try each("regression") { reference in
      let rows = ScoredRows(
        width: 1, outputs: try reference.numbers("predictions"), targets: try reference.numbers("targets"))
      reference.compare(ValueMeasures.all(), rows, except: ["targets", "predictions"])
    }
  }

  private func each(_ scenario: String, _ check: (Reference) throws -> Void) throws {
    let cases = try Golden.casesOfMeasures(scenario)
    #expect(cases.count > 16, "the cases of \(scenario) are those of Tests/Vectors alone")
    for (index, facts) in cases.enumerated() { try check(Reference("\(scenario) \(index)", facts)) }
  }
}

/// One case: lists by their names, and values, NaN where they are undefined.
private struct Reference: Sendable {
  let name: String
  let values: [String: Double]
  private let lists: [String: [Double]]
  private let tables: [String: [[Double]]]

  init(_ name: String, _ facts: [String: Any]) {
    self.name = name
    lists = facts.compactMapValues { $0 as? [Double] }
    tables = facts.compactMapValues { $0 as? [[Double]] }
    values = facts.filter { !($0.value is [Any]) }.mapValues { $0 as? Double ?? .nan }
  }

  func numbers(_ key: String) throws -> [Double] { try #require(lists[key], "\(name) has no \(key)") }

  func table(_ key: String) throws -> [[Double]] { try #require(tables[key], "\(name) has no \(key)") }

  /// Compares every value but the inputs with the measure of its name.
  func compare(_ list: MeasureList, _ rows: ScoredRows, except inputs: Set<String>, names: [String: String] = [:]) {
    for (key, value) in values where !inputs.contains(key) {
      guard let measure = list.named(names[key] ?? key) else {
        Issue.record("\(name): no measure is called \(names[key] ?? key)")
        continue
      }
      let own = measure.value(rows)
      #expect(agree(own, value), "\(name), \(key): \(own), not \(value)")
    }
  }
}
