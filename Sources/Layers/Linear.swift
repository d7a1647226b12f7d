import Tensors

/// An affine map, y = x Wᵀ + b, with W of shape [outputs, inputs] as PyTorch keeps it.
public final class Linear: Module {
  public let weight: Parameter
  public let bias: Parameter

  public init(_ inputs: Int, _ outputs: Int, initializer: Parameter.Initializer = .normal(0.02)) {
    weight = Parameter([outputs, inputs], kind: .weight, initializer: initializer)
    bias = Parameter([outputs], kind: .bias, initializer: .zeros)
  }

  /// [n, inputs] → [n, outputs].
  public func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor { pass.linear(input, weight, bias) }
}
