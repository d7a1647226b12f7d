import Recipes
import Support
import Tensors
import Training

/// Cross entropy that turns away from rows that are already right (focal loss).
///
///     loss = -w_y (1 - p_y)^gamma ln p_y
///
/// - Paper: Lin et al., Focal loss for dense object detection, arXiv:1708.02002. It replaces the cross entropy, and is
///   averaged over forwards and dropout samples as that is.
/// - `gamma` (2): the paper's choice; 0 is the cross entropy.
/// - `weights` (none): one a class, the paper's alpha. The sum is divided by the rows, not by the weights, as there.
/// - Cost: nothing. Saves: nothing.
public final class FocalLoss: Objective {
  public let gamma: Double
  public let weights: [Float]?

  public init(gamma: Double = 2, weights: [Float]? = nil) {
    self.gamma = gamma
    self.weights = weights
  }

  /// Reads `gamma` and `weights`.
  public convenience init(_ section: Section, labels: Int) throws {
    let gamma = try section.number("gamma", default: 2, in: 0...100)
    let weights = try section.classWeights("weights", labels: labels)
    try section.finish()
    self.init(gamma: gamma, weights: weights)
  }

  public var forwards: Int { 1 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    let scores = forward.allScores
    let (labels, counts) = forward.microbatch.classes
    return scores.map { logits in
      LossTerm(
        name: "focal_loss",
        losses: forward.pass.focalLoss(logits, labels: labels, gamma: gamma, weights: weights), weights: counts,
        factor: 1 / Float(scores.count))
    }
  }

  /// The loss of one row of scores and its gradient.
  ///
  /// With u = 1 - p_y, s = ln p_y and zₖ the scores:  ∂loss/∂zₖ = (gamma u^(gamma - 1) p_y s - u^gamma) ([k = y] - pₖ).
  static func value(
    _ scores: UnsafeBufferPointer<Float>, label: Int, gamma: Double
  ) -> (loss: Double, gradient: [Double]) {
    let softmax = Softmax(scores)
    let (exponentials, sum) = (softmax.exponentials, softmax.sum)
    // Summed without the label's own share, so that 1 - p keeps its digits where p is nearly 1.
    let rest = exponentials.indices.reduce(0.0) { $1 == label ? $0 : $0 + exponentials[$1] } / sum
    let logarithm = softmax.scores[label] - softmax.largest - PortableFunctions.log(sum)
    let slope =
      gamma > 0 && rest > 0
      ? gamma * PortableFunctions.pow(rest, gamma - 1) * (exponentials[label] / sum) * logarithm : 0
    let common = slope - PortableFunctions.pow(rest, gamma)
    return (
      -PortableFunctions.pow(rest, gamma) * logarithm,
      exponentials.indices.map { common * ($0 == label ? rest : -exponentials[$0] / sum) }
    )
  }
}

extension Pass {
  /// The focal loss of each row of `logits` [n, c] with its label; the result is [n]. A label out of range traps.
  public func focalLoss(_ logits: Tensor, labels: [Int32], gamma: Double, weights: [Float]? = nil) -> Tensor {
    precondition(
      logits.shape.rank == 2 && logits.shape[0] == labels.count, "\(labels.count) labels for scores \(logits.shape)")
    let classes = logits.shape[1]
    let result = result([labels.count], from: [logits])
    var gradients: [[Double]] = []
    for (row, label) in labels.enumerated() {
      precondition((0..<classes).contains(Int(label)), "label \(label) of \(classes) classes")
      let weight = Double(weights?[Int(label)] ?? 1)
      let value = FocalLoss.value(logits.row(row, of: classes), label: Int(label), gamma: gamma)
      result.values[row] = Float(weight * value.loss)
      if result.needsGradient { gradients.append(value.gradient.map { weight * $0 }) }
    }
    record(result) { upstream in
      let slot = logits.clearedGradient()
      for (row, gradient) in gradients.enumerated() {
        for (index, value) in gradient.enumerated() { slot[row * classes + index] += Float(value) * upstream[row] }
      }
    }
    return result
  }
}

extension FocalLoss {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "focal_loss", .loss,
    keys: [
      RecipeKey(
        "techniques.focal_loss", .toggle, or: .otherwise("cross entropy"),
        "rows that are already right count less (Lin et al. 2017)"),
      RecipeKey(
        "techniques.focal_loss.gamma", .number(0...100), or: "2", "how much less; 0 is the cross entropy",
        why: "the paper's"),
      RecipeKey(
        "techniques.focal_loss.weights", .numbers, or: .otherwise("all alike"), "one a class, the paper's alpha"),
    ],
    benchmark: .init("{focal_loss: {}}"))
}
