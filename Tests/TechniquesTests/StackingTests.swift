import Foundation
import Techniques
import Testing

/// A regression over several models.
@Suite struct StackingTests {
  @Test("stacking ends where scipy's minimiser ends, whatever the order of the rows")
  func threeClasses() throws {
    // Rows, scores and the minimum as scipy 1.17 (BFGS, gradient below 1e-9) finds it.
    let truths = (0..<24).map { ($0 * 7 + $0 / 5) % 3 }
    func model(_ number: Int) throws -> Predictions {
      let rows = truths.indices.map { row in
        let exponentials = (0..<3).map { label in
          exp(
            Double((row * (3 + number) + label * 5 + number * 2) % 11) / 5
              + (label == truths[row] && (row + number) % 3 != 0 ? 1.2 : 0))
        }
        return Predictions.Row(id: "\(row)", probabilities: exponentials.map { $0 / exponentials.reduce(0, +) })
      }
      return try Predictions(number == 0 ? rows : rows.reversed(), labels: ["0", "1", "2"], source: "\(number)")
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

  private static let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Vectors/stacking")

  private func ensemble(_ name: String) throws -> Ensemble {
    try Ensemble(
      (0..<2).map { try Predictions(contentsOfFile: Self.vectors.appending(path: "\(name)\($0).jsonl").path) })
  }

  @Test(
    "with two classes penalty 1 / C gives the probabilities of scikit-learn's LogisticRegression",
    arguments: [
      // scikit-learn 1.9.1, tol 1e-12.
      (1.0, [0.23626455947190267, 0.5122346018783527, 0.3855991629071913, 0.6808317806081134, 0.4958297490822372]),
      (0.5, [0.180889, 0.520639, 0.361529, 0.735549, 0.503958]),
    ])
  func twoClasses(penalty: Double, expected: [Double]) throws {
    let training = try ensemble("oof")
    let truths = try #require(training.truths)
    let rows = Stacking(training, truths: truths, penalty: penalty).predict(try ensemble("new"))
    let tolerance = penalty == 1 ? 1e-7 : 1e-6
    #expect(zip(rows.map { $0.probabilities[1] }, expected).allSatisfy { abs($0 - $1) < tolerance }, "\(rows)")
    #expect(rows.map(\.label) == expected.map { $0 > 0.5 ? "LABEL_1" : "LABEL_0" })
  }

  @Test("features and answers keep the class order of the rows it was fitted on")
  func otherOrder() throws {
    let training = try ensemble("oof")
    let stacking = Stacking(training, truths: try #require(training.truths))
    let models = try ensemble("new").models
    let swapped = try models.map { model in
      try Predictions(
        model.rows.map { Predictions.Row(id: $0.id, probabilities: $0.probabilities.reversed()) },
        labels: ["LABEL_1", "LABEL_0"], areClassesNamed: true, source: model.source)
    }
    let named = try training.models.map {
      try Predictions($0.rows, labels: ["LABEL_0", "LABEL_1"], areClassesNamed: true, source: $0.source)
    }
    let again = try Ensemble(swapped, classesOf: Ensemble(named))
    #expect(stacking.predict(again) == stacking.predict(try ensemble("new")))
    #expect(throws: EnsembleError.self) { try Ensemble(swapped, classesOf: training) }
  }
}
