import Foundation
import Techniques
import TestSupport
import Testing

/// Averages of several models' predictions, and the folds that stacking needs.
@Suite struct EnsembleTests {
  private func predictions(_ rows: [(String, [Double])], source: String = "a.jsonl") throws -> Predictions {
    try Predictions(
      rows.map { Predictions.Row(id: $0.0, probabilities: $0.1) },
      labels: (0..<rows[0].1.count).map { String($0) }, source: source)
  }

  @Test("rows are joined by id, whatever their order")
  func join() throws {
    let first = try predictions([("7", [1, 0]), ("c", [0.5, 0.5]), ("9", [0, 1])])
    let second = try predictions([("9", [0.5, 0.5]), ("7", [0, 1]), ("c", [1, 0])], source: "b.jsonl")
    let average = try Ensemble([first, second]).average()
    #expect(average.map(\.id) == ["7", "c", "9"])
    #expect(average.map(\.probabilities) == [[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]])
    let weighted = try Ensemble([first, second]).average(weights: [3, 1])
    #expect(weighted.map(\.probabilities) == [[0.75, 0.25], [0.625, 0.375], [0.125, 0.875]])
  }

  @Test("models of other rows or classes are refused, with the file and the id")
  func refusals() throws {
    let first = try predictions([("1", [1, 0]), ("2", [0, 1])])
    let cases = try [
      (predictions([("1", [1, 0]), ("3", [0, 1])], source: "b"), "b has no row with id \"2\", and a.jsonl has one"),
      (
        predictions([("1", [1, 0]), ("2", [0, 1]), ("3", [0, 1])], source: "b"),
        "b has a row with id \"3\", and a.jsonl has none"
      ),
      (predictions([("1", [1, 0, 0]), ("2", [0, 1, 0])], source: "b"), "b has 3 classes, and a.jsonl has 2"),
    ]
    for (second, problem) in cases {
      let error = #expect(throws: EnsembleError.self) { try Ensemble([first, second]) }
      #expect(error?.description.contains(problem) == true)
    }
    for weights in [[1.0], [0, 0], [-1, 2], [.nan, 1]] {
      #expect(throws: EnsembleError.self) { try Ensemble([first, first]).average(weights: weights) }
    }
  }

  @Test("folds hold every row once, as many of each class to within one, and follow from the seed")
  func folds() {
    let labels = (0..<47).map { Int32($0 % 7 == 0 ? 1 : 0) }
    let folds = Folds(labels: labels, count: 5, seed: 1)
    #expect((0..<5).flatMap { folds.held(out: $0) }.sorted() == Array(0..<47))
    for fold in 0..<5 {
      #expect((folds.held(out: fold) + folds.kept(without: fold)).sorted() == Array(0..<47))
      #expect((9...10).contains(folds.held(out: fold).count))
      #expect((1...2).contains(folds.held(out: fold).filter { labels[$0] == 1 }.count))
    }
    #expect(folds == Folds(labels: labels, count: 5, seed: 1))
    #expect(folds != Folds(labels: labels, count: 5, seed: 2))
  }

  @Test("chosen rows of a data set keep their ids, labels and tokens")
  func datasetRows() {
    let base = TokenRows(random: 9, vocabulary: 20, labels: 3, seed: 1)
    let chosen = DatasetRows(base, rows: [8, 2, 5])
    #expect((0..<3).map(chosen.sampleID) == [8, 2, 5])
    #expect((0..<3).map(chosen.label) == [8, 2, 5].map(base.label))
    let microbatch = chosen.microbatch(rows: [2, 0], positions: 4..<6)
    #expect(microbatch.sampleIDs == [5, 8] && microbatch.rows == [4, 5])
  }
}
