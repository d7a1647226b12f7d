import Foundation
import Lockstep

/// Poly-1: the cross entropy and epsilon times what is missing from the label's probability.
///
///     loss = -ln p_y + epsilon (1 - p_y)            Leng et al., PolyLoss, 2022
final class PolyOne: Objective {
  let epsilon: Float
  /// One forward of each microbatch is enough.
  let forwards = 1

  init(epsilon: Float) { self.epsilon = epsilon }

  func terms(_ forward: Forward) -> [LossTerm] {
    let (pass, scores, labels) = (forward.pass, forward.scores(0)[0], forward.microbatch.labels)
    return [
      LossTerm(name: "cross_entropy", losses: pass.crossEntropy(scores, labels: labels)),
      LossTerm(name: "poly", losses: pass.missingProbability(scores, labels: labels), factor: epsilon),
    ]
  }
}

extension Pass {
  /// 1 - p_y for each row of scores [n, c]; the result is [n].
  func missingProbability(_ scores: Tensor, labels: [Int32]) -> Tensor {
    let (rows, classes) = (scores.shape[0], scores.shape[1])
    let probabilities = (0..<rows).map { row in
      ClassScores.softmax(UnsafeBufferPointer(start: scores.pointer + row * classes, count: classes))
    }
    let result = result([rows], from: [scores])
    for row in 0..<rows { result.values[row] = Float(1 - probabilities[row][Int(labels[row])]) }
    record(result) { upstream in
      scores.gradientSlot().add { index in
        let (row, column) = (index / classes, index % classes)
        let (p, own) = (probabilities[row][column], probabilities[row][Int(labels[row])])
        return upstream[row] * Float(own * (p - (column == Int(labels[row]) ? 1 : 0)))
      }
    }
    return result
  }
}

enum OwnObjective {
  static func run() throws {
    var parts = try TrainingParts.points(PointClassifier())
    parts.objective = PolyOne(epsilon: 2)
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 1, totalSteps: 100), replicas: DataParallelGroup(SoloGroup()))
    for _ in 0..<100 {
      let report = try trainer.advance()
      let terms = report.terms.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
      if report.step % 50 == 0 { print("step \(report.step): loss \(report.loss) (\(terms))") }
    }
    if let report = try trainer.evaluate() { print("accuracy \(report["accuracy"] ?? 0) on \(report.rows) rows") }
  }
}
