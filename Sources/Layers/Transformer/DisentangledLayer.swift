import Tensors

/// A layer of an encoder with the norms behind its halves, whose attention looks at distances.
public final class DisentangledLayer: Module {
  let attention: DisentangledAttention
  let attended: ResidualOutput
  let intermediate: FeedForward
  let output: ResidualOutput

  /// - Parameters:
  ///   - sharesMaps: the vectors of distances go through the tokens' maps of queries and keys.
  ///   - positionDropout: of the vectors of distances.
  public init(
    _ shape: EncoderLayer.Shape, terms: DisentangledAttention.Terms, positions: RelativePositions?, sharesMaps: Bool,
    positionDropout: Double
  ) {
    let names = EncoderLayerNames()
    attention = DisentangledAttention(
      width: shape.width, heads: shape.heads, terms: terms, positions: positions, sharesMaps: sharesMaps,
      dropout: shape.attentionDropout, positionDropout: positionDropout, initializer: shape.initializer)
    attended = ResidualOutput(
      shape.width, width: shape.width, epsilon: shape.epsilon, dropout: shape.attendedDropout,
      initializer: shape.initializer, dense: names.attended, norm: names.attendedNorm)
    intermediate = FeedForward(
      shape.width, shape.intermediate, shape.activation, initializer: shape.initializer, name: names.intermediate)
    output = ResidualOutput(
      shape.intermediate, width: shape.width, epsilon: shape.epsilon, dropout: shape.outputDropout,
      initializer: shape.initializer, dense: names.output, norm: names.outputNorm)
  }

  public var checkpointNames: [String: String] {
    ["attention": "attention.self", "attended": "", "intermediate": "", "output": ""]
  }

  /// The layer's output for `tokens`, which attend to their whole rows in `all`.
  /// - Parameter distances: a vector for each row of the table of relative positions; nil where there is none.
  public func callAsFunction(
    _ tokens: TokenVectors, over all: TokenVectors, distances: Tensor?, _ pass: Pass
  ) -> TokenVectors {
    let attended = attended(
      attention(tokens, over: all, distances: distances, pass), residual: tokens, pass)
    return output(intermediate(attended.hidden, pass), residual: attended, pass)
  }
}
