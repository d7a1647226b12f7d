import Tensors

/// Normalises each row to mean 0 and variance 1, then scales and shifts it (Ba, Kiros, Hinton 2016).
public final class LayerNorm: Module {
  public let weight: Parameter
  /// Nil where rows are scaled alone.
  public let bias: Parameter?
  public let epsilon: Float

  public init(_ width: Int, epsilon: Float = 1e-12, hasBias: Bool = true) {
    weight = Parameter([width], kind: .normalization, initializer: .ones)
    bias = hasBias ? Parameter([width], kind: .bias, initializer: .zeros) : nil
    self.epsilon = epsilon
  }

  /// [n, width] → [n, width].
  public func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor {
    pass.layerNorm(input, scale: weight, shift: bias, epsilon: epsilon)
  }

  /// The norm of `residual + dropout(input)`, in one pass over memory.
  public func callAsFunction(
    _ input: Tensor, residual: Tensor, dropout: Dropout, _ coordinates: Coordinates, _ pass: Pass
  ) -> Tensor {
    pass.dropoutAddLayerNorm(
      input, residual: residual, mask: dropout.mask(pass), coordinates: coordinates, scale: weight, shift: bias,
      epsilon: epsilon)
  }
}
