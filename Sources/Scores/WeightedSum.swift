/// A sum and the weight it is to be divided by, once, after everything is added: a loss over samples or tokens.
public struct WeightedSum: Sendable, Equatable {
  public var sum: Double
  public var weight: Double

  public static let zero = WeightedSum(sum: 0, weight: 0)

  public init(sum: Double, weight: Double) {
    self.sum = sum
    self.weight = weight
  }

  /// nan when nothing was added.
  public var mean: Double { sum / weight }

  public static func += (left: inout WeightedSum, right: WeightedSum) {
    left.sum += right.sum
    left.weight += right.weight
  }
}
