import Data
import Layers
import Tensors

/// Cross entropy, averaged over forwards and dropout samples: what is minimised where a recipe names nothing else.
public final class CrossEntropy: Objective {
  /// Share of the probability spread over all classes (Szegedy et al. 2015).
  let smoothing: Float
  /// A weight a class; the mean is then weighted, as PyTorch's.
  let classWeights: [Float]?

  public init(smoothing: Float = 0, classWeights: [Float]? = nil) {
    self.smoothing = smoothing
    self.classWeights = classWeights
  }

  public var forwards: Int { 1 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    let scores = forward.allScores
    let (labels, weights) = forward.microbatch.classes
    return scores.map { logits in
      LossTerm(
        name: "cross_entropy",
        losses: forward.pass.crossEntropy(logits, labels: labels, smoothing: smoothing, classWeights: classWeights),
        weights: weights, factor: normalization(forward.context) / Float(scores.count))
    }
  }

  /// The weight of the global batch over that in which classes count too, so that one division by the former gives the mean
  /// weighted by both.
  private func normalization(_ context: StepContext) -> Float {
    guard let classWeights else { return 1 }
    let labels = context.wordLabels?() ?? context.labels
    let weights = context.wordLabels == nil ? context.weights : labels.map { $0 < 0 ? 0 : 1 }
    let total = zip(labels, weights).reduce(0.0) { $0 + Double($1.1) * Double(classWeights[Int(max(0, $1.0))]) }
    return total > 0 ? Float(context.weight / total) : 0
  }
}

extension Microbatch {
  /// The class of each row, or of each word, and the weight of each word's loss; nil where rows have their own. A word without
  /// a class has the weight 0, and the first class.
  public var classes: (labels: [Int32], weights: [Float]?) {
    guard words != nil else { return (labels, nil) }
    return (labels.map { max(0, $0) }, labels.map { $0 < 0 ? 0 : 1 })
  }
}
