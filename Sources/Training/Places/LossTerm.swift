import Tensors

/// One term of an objective on one microbatch: the gradient of `factor × Σ weight × loss` is what is minimised.
///
/// The weights of a row's losses must be the row's own weight together, or the factor must make up for it: a loss a row with the
/// row's weight, or a loss a token with weight 1 where it is labelled and 0 elsewhere, in a dataset whose rows weigh their labelled
/// tokens. A loss of weight 0 must be finite all the same.
public struct LossTerm {
  public let name: String
  /// A loss a row, shape [rows], or as many as there are weights.
  public let losses: Tensor
  /// The weight of each loss; nil for the weights of the microbatch's rows.
  public let weights: [Float]?
  public let factor: Float

  public init(name: String, losses: Tensor, weights: [Float]? = nil, factor: Float = 1) {
    precondition(
      weights.map { $0.count == losses.count } ?? true,
      "\(name): \(weights?.count ?? 0) weights, \(losses.count) losses")
    self.name = name
    self.losses = losses
    self.weights = weights
    self.factor = factor
  }
}
