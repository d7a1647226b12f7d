import Foundation
import Scores
import Testing

/// Entities as seqeval 1.2.2 counts them.
@Suite("Golden values of entity measures")
struct EntityGoldenTests {
  /// One case of `metrics/entities`.
  struct Case: Sendable, CustomTestStringConvertible {
    let labels: [[String]]
    let predictions: [[String]]
    /// By mode, by row of the report, by score.
    let expected: [String: [String: [String: Double]]]
    let testDescription: String

    static let all: [Case] = {
      let cases = (try? Golden.facts("families/metrics/entities"))?["cases"] as? [[String: Any]] ?? []
      return cases.enumerated().map { index, facts in
        func tags(_ key: String) -> [[String]] {
          (facts[key] as? [String] ?? []).map { $0.split(separator: " ").map(String.init) }
        }
        var expected: [String: [String: [String: Double]]] = [:]
        for mode in ["default", "strict"] {
          expected[mode] = (facts[mode] as? [String: [String: Any]])?.mapValues {
            $0.mapValues { $0 as? Double ?? .nan }
          }
        }
        return Case(
          labels: tags("labels"), predictions: tags("predictions"), expected: expected,
          testDescription: "\(index) \(facts["scheme"] ?? "") \(facts["kind"] ?? "")")
      }
    }()

    /// All tags that occur, and the words of all texts with the predicted ones as outputs.
    var rows: (tags: [String], rows: ScoredRows) {
      let tags = Set((labels + predictions).joined()).sorted()
      let outputs = predictions.joined().flatMap { tag in tags.map { $0 == tag ? 1.0 : 0 } }
      let targets = labels.joined().map { Double(tags.firstIndex(of: $0)!) }
      let groups = labels.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
      return (tags, ScoredRows(width: tags.count, outputs: outputs, targets: targets, groups: groups))
    }
  }

  @Test("There are clean and malformed tags of both schemes")
  func casesAreThere() { #expect(Case.all.count > 10) }

  @Test("Precision, recall and F1 are seqeval's, lenient and strict, of all averages", arguments: Case.all)
  func averages(given: Case) {
    let (tags, rows) = given.rows
    let measures = EntityMeasures.all(tags: tags)
    for (mode, ending) in [("default", ""), ("strict", "_strict")] {
      for (average, middle) in [("micro avg", ""), ("macro avg", "_macro"), ("weighted avg", "_weighted")] {
        for (score, name) in [("precision", "precision"), ("recall", "recall"), ("f1-score", "f1")] {
          let value = measures.named(name + middle + ending)?.value(rows)
          let wanted = given.expected[mode]?[average]?[score]
          #expect(wanted != nil && agree(value, wanted), "\(mode) \(average) \(score): \(value ?? .nan)")
        }
      }
    }
  }

  @Test("The report has seqeval's row of each type", arguments: Case.all)
  func report(given: Case) {
    let (tags, rows) = given.rows
    let report = ClassReport(entitiesOf: rows, tags: tags)
    let expected = given.expected["default"] ?? [:]
    #expect(Set(report.classes.map(\.name)) == Set(expected.keys.filter { !$0.hasSuffix(" avg") }))
    for row in report.classes + report.averages {
      let wanted = expected[row.name] ?? [:]
      #expect(agree(row.precision, wanted["precision"]) && agree(row.recall, wanted["recall"]), "\(row)")
      #expect(agree(row.f1, wanted["f1-score"]) && Double(row.support) == wanted["support"], "\(row)")
    }
  }

  @Test("Measures of texts drawn anew are those of the texts")
  func drawnTexts() {
    let (tags, rows) = Case.all[0].rows
    let measure = EntityMeasures.all(tags: tags).named("accuracy")!
    let count = rows.drawable
    #expect(count == Case.all[0].labels.count)
    #expect(rows[rows: Array(0..<count)] == rows)
    let twice = rows[rows: Array(0..<count) + Array(0..<count)]
    #expect(twice.drawable == 2 * count && measure.value(twice) == measure.value(rows))
  }

  @Test("Tags of spans are read as these spans", arguments: [false, true])
  func tagsOfSpans(haveEnds: Bool) {
    let spans = [EntitySpan(0..<1, "a-b"), EntitySpan(1..<4, "a-b"), EntitySpan(5..<7, "c")]
    let tags = EntityTags.tags(spans, count: 8, haveEnds: haveEnds)
    #expect(tags[0] == (haveEnds ? "S-a-b" : "B-a-b") && tags[3] == (haveEnds ? "E-a-b" : "I-a-b") && tags[7] == "O")
    #expect(EntityTags.entities(tags) == spans)
    #expect(EntityTags.strictEntities(tags, haveEnds: haveEnds) == spans)
  }
}
