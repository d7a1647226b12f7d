import Tensors

/// An affine map, y = x Wᵀ + b, with W of shape [outputs, inputs] as PyTorch keeps it.
public final class Linear: Module {
  public let weight: Parameter
  /// Nil where the map has none.
  public let bias: Parameter?

  public init(
    _ inputs: Int, _ outputs: Int, hasBias: Bool = true, initializer: Parameter.Initializer = .normal(0.02)
  ) {
    weight = Parameter([outputs, inputs], kind: .weight, initializer: initializer)
    bias = hasBias ? Parameter([outputs], kind: .bias, initializer: .zeros) : nil
  }

  /// [n, inputs] → [n, outputs].
  public func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor { pass.linear(input, weight, bias) }

  /// The same, through an activation.
  public func callAsFunction(_ input: Tensor, _ activation: Activation, _ pass: Pass) -> Tensor {
    pass.linearActivation(input, weight, bias, activation)
  }
}
