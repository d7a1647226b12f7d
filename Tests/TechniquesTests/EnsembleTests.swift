import Foundation
import Techniques
import TestSupport
import Testing

/// Averages and stacks of several models' predictions.
@Suite struct EnsembleTests {
  private func predictions(_ rows: [(Int, [Double])], source: String = "a.jsonl") throws -> Predictions {
    try Predictions(
      rows.map { Predictions.Row(id: $0.0, probabilities: $0.1) },
      labels: (0..<rows[0].1.count).map { String($0) }, source: source)
  }

  @Test("rows are joined by id, whatever their order")
  func join() throws {
    let first = try predictions([(7, [1, 0]), (3, [0.5, 0.5]), (9, [0, 1])])
    let second = try predictions([(9, [0.5, 0.5]), (7, [0, 1]), (3, [1, 0])], source: "b.jsonl")
    let average = try Ensemble([first, second]).average()
    #expect(average.map(\.id) == [7, 3, 9])
    #expect(average.map(\.probabilities) == [[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]])
    let weighted = try Ensemble([first, second]).average(weights: [3, 1])
    #expect(weighted.map(\.probabilities) == [[0.75, 0.25], [0.625, 0.375], [0.125, 0.875]])
  }

  @Test("models of other rows or classes are refused, with the file and the id")
  func refusals() throws {
    let first = try predictions([(1, [1, 0]), (2, [0, 1])])
    let cases = try [
      (predictions([(1, [1, 0]), (3, [0, 1])], source: "b"), "b has no row with id 2, and a.jsonl has one"),
      (predictions([(1, [1, 0]), (2, [0, 1]), (3, [0, 1])], source: "b"), "b has 3 rows, and a.jsonl has 2"),
      (predictions([(1, [1, 0, 0]), (2, [0, 1, 0])], source: "b"), "b has 3 classes, and a.jsonl has 2"),
    ]
    for (second, problem) in cases {
      let error = #expect(throws: EnsembleError.self) { try Ensemble([first, second]) }
      #expect(error?.description.contains(problem) == true)
    }
    for weights in [[1.0], [0, 0], [-1, 2], [.nan, 1]] {
      #expect(throws: EnsembleError.self) { try Ensemble([first, first]).average(weights: weights) }
    }
  }

  @Test(
    "a file of predictions is read with its class names; a bad line is refused with its number",
    arguments: [
      (#"{"id":5,"label":"no","probabilities":[0.9,0.1]}"#, nil),
      (#"{"id":4,"label":"no","probabilities":[0.9,0.1]}"#, "line 2, has id 4 a second time"),
      (#"{"id":5,"label":"no","probabilities":[0.9,0.3]}"#, "line 2, has probabilities that sum to 1.2"),
      (#"{"id":5,"label":"no","probabilities":[1]}"#, "line 2, has 1 probabilities, not 2"),
      (#"{"id":5,"label":"no","#, "line 2, is no object with id, label and probabilities"),
      (#"{"id":5,"label":"no","probabilities":[0.9,0.1],"truth":2}"#, "line 2, has the truth 2 of 2 classes"),
    ])
  func reading(line: String, problem: String?) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = folder + "/predictions.jsonl"
      let text = #"{"id":4,"label":"yes","probabilities":[0.2,0.8],"truth":1}"# + "\n" + line + "\n"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      if let problem {
        let error = #expect(throws: EnsembleError.self) { try Predictions(contentsOfFile: path) }
        #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
      } else {
        let predictions = try Predictions(contentsOfFile: path)
        #expect(predictions.labels == ["no", "yes"])
        #expect(predictions.rows.map(\.truth) == [1, nil])
      }
    }
  }

  @Test("stacking ends where scipy's minimiser ends, whatever the order of the rows")
  func stacking() throws {
    // Rows, scores and the minimum as scipy 1.17 (BFGS, gradient below 1e-9) finds it.
    let truths = (0..<24).map { ($0 * 7 + $0 / 5) % 3 }
    func model(_ number: Int) throws -> Predictions {
      let rows = truths.indices.map { row in
        let exponentials = (0..<3).map { label in
          exp(
            Double((row * (3 + number) + label * 5 + number * 2) % 11) / 5
              + (label == truths[row] && (row + number) % 3 != 0 ? 1.2 : 0))
        }
        return (row, exponentials.map { $0 / exponentials.reduce(0, +) })
      }
      return try predictions(number == 0 ? rows : rows.reversed())
    }
    let ensemble = try Ensemble([model(0), model(1)])
    let stacking = Stacking(ensemble, truths: truths)
    let expected = [
      [0.8256256, -0.2975759, -0.5280497, 0.7872725, -0.4828175, -0.304455],
      [-0.407245, 0.8211686, -0.4139236, -0.5156087, 0.8968507, -0.3812421],
      [-0.4183806, -0.5235927, 0.9419733, -0.2716639, -0.4140332, 0.6856971],
    ]
    for (row, expected) in zip(stacking.coefficients, expected) {
      #expect(zip(row.dropLast(), expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    let first = stacking.predict(ensemble)[0].probabilities
    #expect(zip(first, [0.374472, 0.325021, 0.300507]).allSatisfy { abs($0 - $1) < 1e-6 })
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
