import Tensors

/// What turns the scores of a head into the unit of their targets: `deviation × score + mean`, a number a score.
///
/// An exported head has it in its weights, so that every program that opens the model gets values in their unit.
public struct OutputScale: Sendable, Equatable {
  public var mean: [Double]
  public var deviation: [Double]

  public init(mean: [Double], deviation: [Double]) {
    precondition(mean.count == deviation.count, "\(mean.count) means, \(deviation.count) deviations")
    precondition(deviation.allSatisfy { $0 > 0 && $0.isFinite }, "deviations \(deviation) of which one is not above 0")
    (self.mean, self.deviation) = (mean, deviation)
  }

  /// Weights whose head gives scores in the unit of the targets.
  ///
  /// - Parameter head: the name of the map to scores.
  func applied(to weights: Arena, head: String) -> Arena {
    let scaled = Arena(layout: weights.layout)
    scaled.copy(from: weights)
    change(scaled, head) { weight, index in
      Float(deviation[index] * Double(weight))
    } bias: {
      Float(deviation[$1] * Double($0) + mean[$1])
    }
    return scaled
  }

  /// Takes it out of weights whose head gives scores in the unit of the targets.
  public func remove(from weights: Arena, head: String) {
    change(weights, head) { weight, index in
      Float(Double(weight) / deviation[index])
    } bias: {
      Float((Double($0) - mean[$1]) / deviation[$1])
    }
  }

  private func change(
    _ weights: Arena, _ head: String, weight: (Float, Int) -> Float, bias: (Float, Int) -> Float
  ) {
    guard let matrix = weights[head + ".weight"], let vector = weights[head + ".bias"] else {
      preconditionFailure("weights without \(head).weight and \(head).bias")
    }
    precondition(vector.count == mean.count, "\(vector.count) scores in a scale of \(mean.count)")
    let width = matrix.count / vector.count
    for index in matrix.indices { matrix[index] = weight(matrix[index], index / width) }
    for index in vector.indices { vector[index] = bias(vector[index], index) }
  }
}
