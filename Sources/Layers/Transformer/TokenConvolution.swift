import Tensors

/// A convolution over the tokens of each row, dropout and an activation, added to other vectors and normalised.
public final class TokenConvolution: Module {
  let convolution: TokenKernel
  let norm: LayerNorm
  let dropout: Dropout
  private let activation: Activation

  public init(
    _ width: Int, taps: Int, _ activation: Activation, epsilon: Double, dropout: Double,
    initializer: Parameter.Initializer
  ) {
    convolution = TokenKernel(width, taps: taps, initializer: initializer)
    norm = LayerNorm(width, epsilon: Float(epsilon))
    self.dropout = Dropout(dropout)
    self.activation = activation
  }

  public var checkpointNames: [String: String] { ["convolution": "conv", "norm": "LayerNorm"] }

  /// The norm of `residual` plus what the neighbourhood of each of its tokens in `input`, all tokens, gives.
  public func callAsFunction(_ input: TokenVectors, residual: TokenVectors, _ pass: Pass) -> TokenVectors {
    let mixed = pass.tokenConvolution(
      input.hidden, convolution.weight, convolution.bias, offsets: input.offsets)
    let all = input.with(pass.activation(dropout(mixed, input.places, pass), activation))
    let own = residual.offsets == input.offsets ? all : all.firsts(pass)
    return residual.with(norm(pass.add(residual.hidden, own.hidden), pass))
  }
}

/// The weight of a convolution over tokens, [width, width, taps] as PyTorch keeps it.
final class TokenKernel: Module {
  let weight: Parameter
  let bias: Parameter

  init(_ width: Int, taps: Int, initializer: Parameter.Initializer) {
    weight = Parameter([width, width, taps], kind: .weight, initializer: initializer)
    bias = Parameter([width], kind: .bias, initializer: .zeros)
  }
}
