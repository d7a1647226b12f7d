import Tensors

/// A convolution with square kernels and zero padding, without bias: a batch norm behind it brings one.
public final class Convolution: Module {
  /// [outputs, inputs, kernel, kernel], as PyTorch keeps it.
  public let weight: Parameter
  public let stride: Int
  public let padding: Int

  /// First weights keep the variance of what passes through a ReLU (He et al. 2015, arXiv:1502.01852).
  public init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
    require(
      inputs > 0 && outputs > 0 && kernel > 0 && stride > 0 && padding >= 0,
      "no convolution of \(inputs) to \(outputs) channels, kernel \(kernel), stride \(stride), padding \(padding)")
    let deviation = (2 / Float(inputs * kernel * kernel)).squareRoot()
    weight = Parameter([outputs, inputs, kernel, kernel], kind: .weight, initializer: .normal(deviation))
    self.stride = stride
    self.padding = padding
  }

  /// Images [n, h, w, inputs], channels last → [n, h', w', outputs].
  public func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor {
    pass.convolution(input, weight, stride: stride, padding: padding)
  }
}
