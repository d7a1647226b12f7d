import Data
import Support
import Tensors
import Training

/// The cross entropy with a probability a class, averaged over forwards and dropout samples.
///
///     loss = -Σ w ((1 - epsilon) label + epsilon / classes) ln softmax(scores)          mean over rows
///
/// A class's weight multiplies its own term, and the sum is divided by the rows, not by the weights of their classes, as in
/// PyTorch's `cross_entropy` with probabilities.
final class SoftCrossEntropy: Objective {
  private let smoothing: Double
  /// A weight a class.
  private let weights: [Double]

  init(classes: Int, smoothing: Double = 0, classWeights: [Float]? = nil) {
    self.smoothing = smoothing
    weights = classWeights.map { $0.map(Double.init) } ?? [Double](repeating: 1, count: classes)
  }

  var forwards: Int { 1 }

  func terms(_ forward: Forward) -> [LossTerm] {
    let classes = weights.count
    guard let labels = forward.microbatch.distributions(over: classes) else {
      preconditionFailure("rows of one class each have no probabilities")
    }
    let targets = labels.enumerated().map { index, label in
      weights[index % classes] * ((1 - smoothing) * label + smoothing / Double(classes))
    }
    let scores = forward.allScores
    return scores.map { logits in
      LossTerm(
        name: "cross_entropy", losses: forward.pass.crossEntropy(logits, targets: targets),
        factor: 1 / Float(scores.count))
    }
  }
}

extension Microbatch {
  /// The probability of each class of each row, [rows × classes]; nil where rows have a class alone.
  func distributions(over classes: Int) -> [Double]? {
    guard targetWidth == classes + 1 else { return nil }
    return rows.indices.flatMap { row in
      targets[row * targetWidth + 1..<(row + 1) * targetWidth].map(Double.init)
    }
  }
}

extension Pass {
  /// -Σ target ln softmax(scores) of each row of `logits` [n, c], in Float64; the result is [n].
  ///
  /// - Parameter targets: [n × c], of any sum: the gradient by a score is (Σ target) p - target.
  func crossEntropy(_ logits: Tensor, targets: [Double]) -> Tensor {
    precondition(
      logits.shape.rank == 2 && logits.count == targets.count, "\(targets.count) targets for scores \(logits.shape)")
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    let result = result([rows], from: [logits])
    var slopes = [Float](repeating: 0, count: logits.count)
    for row in 0..<rows {
      let softmax = Softmax(logits.row(row, of: classes))
      let own = targets[row * classes..<(row + 1) * classes]
      let sum = own.reduce(0, +)
      result.values[row] = Float(-zip(own, softmax.logarithms).reduce(0) { $0 + $1.0 * $1.1 })
      for (index, (target, probability)) in zip(own, softmax.probabilities).enumerated() {
        slopes[row * classes + index] = Float(sum * probability - target)
      }
    }
    record(result) { upstream in
      let slot = logits.clearedGradient()
      for index in 0..<logits.count { slot[index] += upstream[index / classes] * slopes[index] }
    }
    return result
  }
}
