import Tensors

/// The end of both halves of a layer: a linear map, dropout, the residual and the norm.
public final class ResidualOutput: Module {
  let dense: Linear
  let norm: LayerNorm
  let dropout: Dropout
  private let denseName, normName: String

  /// - Parameters:
  ///   - inputs: columns of what comes in; what goes out has `width`.
  ///   - dense: the name of the linear map in a checkpoint.
  ///   - norm: the name of the norm.
  public init(
    _ inputs: Int, width: Int, epsilon: Double, dropout: Double, initializer: Parameter.Initializer,
    dense: String = "dense", norm: String = "LayerNorm"
  ) {
    self.dense = Linear(inputs, width, initializer: initializer)
    self.norm = LayerNorm(width, epsilon: Float(epsilon))
    self.dropout = Dropout(dropout)
    (denseName, normName) = (dense, norm)
  }

  public var checkpointNames: [String: String] {
    ["dense": denseName, "norm": normName, "dropout": EncoderLayerNames.dropout(besides: denseName)]
  }

  public func callAsFunction(_ input: Tensor, residual: TokenVectors, _ pass: Pass) -> TokenVectors {
    residual.with(
      norm(dense(input, pass), residual: residual.hidden, dropout: dropout, residual.places, pass))
  }
}
