import Foundation
import Scores
import Testing

/// Answers as the official scripts of SQuAD and CMRC 2018 compare them.
@Suite("Golden values of answers")
struct SpanGoldenTests {
  /// The cases of a scenario, and the means of the script, in hundredths.
  struct Scenario: Sendable, CustomTestStringConvertible {
    struct Case: Sendable {
      let prediction: String
      let answers: [String]
      let exact: Double
      let f1: Double
    }

    let name: String
    let comparison: AnswerComparison
    var testDescription: String { name }

    static let all = [
      Scenario(name: "squad", comparison: .squad), Scenario(name: "cmrc2018", comparison: .cmrc),
    ]

    var facts: [String: Any] { get throws { try Golden.facts("families/metrics/" + name) } }

    var cases: [Case] {
      get throws {
        (try facts["cases"] as? [[String: Any]] ?? []).map { facts in
          Case(
            prediction: facts["prediction"] as? String ?? "", answers: facts["answers"] as? [String] ?? [],
            exact: facts["exact"] as? Double ?? .nan, f1: facts["f1"] as? Double ?? .nan)
        }
      }
    }
  }

  @Test("Each answer has the script's exact match and F1", arguments: Scenario.all)
  func cases(scenario: Scenario) throws {
    let cases = try scenario.cases
    #expect(cases.count > 50)
    for given in cases {
      let scores = scenario.comparison.scores(of: given.prediction, against: given.answers)
      #expect(agree(scores.exact, given.exact) && agree(scores.f1, given.f1), "\(given): \(scores)")
    }
  }

  @Test("The means over all questions are the script's", arguments: Scenario.all)
  func means(scenario: Scenario) throws {
    let rows = Self.rows(
      try scenario.cases.map { given in
        let scores = scenario.comparison.scores(of: given.prediction, against: given.answers)
        return (-1, scores.exact, scores.f1, true)
      })
    let measures = SpanMeasures.all(threshold: 0)
    for (name, key) in [("exact_match", "exact"), ("f1", "f1")] {
      let value = measures.named(name)?.value(rows)
      #expect(agree(value.map { 100 * $0 }, try scenario.facts[key] as? Double), "\(name): \(value ?? .nan)")
    }
  }

  @Test(
    "Words are told apart as Python does",
    arguments: [
      ("ΟΔΟΣ a ΣΑΣ", "οδος σας", 1.0), ("The\u{301} x", "\u{301} x", 1), ("thé x", "x", 0), ("a_the", "athe", 1),
      ("x\u{1C}y", "x y", 1), ("\u{A0}An x\u{3000}", "x", 1), ("the²", "²", 0), ("İx", "i\u{307}x", 1),
      ("é", "e\u{301}", 0),
    ])
  func words(text: String, other: String, exact: Double) {
    #expect(AnswerComparison.squad.scores(of: text, against: [other]).exact == exact)
  }

  @Test("No answer is right where there is none, and wrong elsewhere", arguments: AnswerComparison.allCases)
  func none(comparison: AnswerComparison) {
    #expect(comparison.scores(of: "", against: []) == (1, 1))
    #expect(comparison.scores(of: "x", against: []) == (0, 0))
    #expect(comparison.scores(of: "", against: ["x"]) == (0, 0))
  }

  /// Rows by margin, exact match and F1 of the best span, and whether there is an answer.
  private static func rows(_ rows: [(margin: Double, exact: Double, f1: Double, hasAnswer: Bool)]) -> ScoredRows {
    ScoredRows(
      width: SpanOutput.allCases.count,
      outputs: rows.flatMap { [$0.margin, $0.exact, $0.f1, $0.hasAnswer ? 0 : 1, $0.hasAnswer ? 0 : 1] },
      targets: rows.map { $0.hasAnswer ? 1 : 0 })
  }

  private static let mixed = rows([
    (-3, 1, 1, true), (-2, 0, 0.5, true), (-1, 0, 0, false), (0.5, 1, 1, true), (0.5, 0, 0, false), (2, 0, 0.25, true),
    (4, 0, 0, false),
  ])

  @Test("Rows with and without an answer are judged apart, by the threshold")
  func parts() {
    func value(_ name: String, _ threshold: Double?) -> Double? {
      SpanMeasures.all(threshold: threshold).named(name)?.value(Self.mixed)
    }
    #expect(agree(value("f1", nil), 2.75 / 7) && agree(value("f1", 0), 3.5 / 7) && agree(value("f1", 0.5), 3.5 / 7))
    #expect(agree(value("has_answer_f1", 0), 1.5 / 4) && agree(value("no_answer_exact_match", 0), 2.0 / 3))
    #expect(agree(value("HasAns_exact", 0.5), 2.0 / 4) && agree(value("NoAns_f1", 0.5), 1.0 / 3))
  }

  @Test("The best threshold is the one that trying all of them finds")
  func threshold() throws {
    let margins = (0..<Self.mixed.rows).map { Self.mixed.outputs(of: $0).first ?? 0 }
    for (name, best) in [("exact_match", "best_exact_match"), ("f1", "best_f1")] {
      let tried = try ([-100] + margins).map { threshold in
        try #require(SpanMeasures.all(threshold: threshold).named(name)?.value(Self.mixed))
      }
      let measures = SpanMeasures.all(threshold: 100)
      #expect(agree(measures.named(best)?.value(Self.mixed), tried.max()))
      let threshold = try #require(measures.named(best + "_threshold")?.value(Self.mixed))
      #expect(agree(SpanMeasures.all(threshold: threshold).named(name)?.value(Self.mixed), tried.max()))
    }
    #expect(SpanThreshold.chosen(on: Self.mixed) == -1.5)
    #expect(SpanThreshold.chosen(on: Self.rows([(3, 1, 1, true)])) == 0)
  }
}
