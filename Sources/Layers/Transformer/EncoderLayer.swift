import Tensors

/// A layer of an encoder with the norms behind its halves: self-attention, then a feed-forward block, each added to what it
/// was given and normalised.
public final class EncoderLayer: Module {
  /// Sizes and probabilities.
  public struct Shape: Sendable {
    public var width: Int
    public var heads: Int
    /// How queries and keys turn by their positions; nil where they do not.
    public var rotary: RotaryPositions?
    public var intermediate: Int
    public var activation: Activation
    public var epsilon: Double
    public var attentionDropout: Double
    /// Behind the linear map that follows attention.
    public var attendedDropout: Double
    public var outputDropout: Double
    public var initializer: Parameter.Initializer

    public init(
      width: Int, heads: Int, intermediate: Int, activation: Activation, epsilon: Double, attentionDropout: Double,
      attendedDropout: Double, outputDropout: Double, initializer: Parameter.Initializer
    ) {
      self.width = width
      self.heads = heads
      self.intermediate = intermediate
      self.activation = activation
      self.epsilon = epsilon
      self.attentionDropout = attentionDropout
      self.attendedDropout = attendedDropout
      self.outputDropout = outputDropout
      self.initializer = initializer
    }
  }

  let attention: SelfAttention
  let attended: ResidualOutput
  let intermediate: FeedForward
  let output: ResidualOutput

  public init(_ shape: Shape, names: EncoderLayerNames = EncoderLayerNames()) {
    attention = SelfAttention(
      width: shape.width, heads: shape.heads, rotary: shape.rotary, dropout: shape.attentionDropout,
      initializer: shape.initializer, names: names)
    attended = ResidualOutput(
      shape.width, width: shape.width, epsilon: shape.epsilon, dropout: shape.attendedDropout,
      initializer: shape.initializer, dense: names.attended, norm: names.attendedNorm)
    intermediate = FeedForward(
      shape.width, shape.intermediate, shape.activation, initializer: shape.initializer, name: names.intermediate)
    output = ResidualOutput(
      shape.intermediate, width: shape.width, epsilon: shape.epsilon, dropout: shape.outputDropout,
      initializer: shape.initializer, dense: names.output, norm: names.outputNorm)
  }

  /// The halves are no levels of a checkpoint's names.
  public var checkpointNames: [String: String] {
    ["attention": "", "attended": "", "intermediate": "", "output": ""]
  }

  /// The layer's output for `tokens`, which attend to their whole rows in `all`.
  public func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> TokenVectors {
    let attended = attended(attention(tokens, over: all, pass), residual: tokens, pass)
    return output(intermediate(attended.hidden, pass), residual: attended, pass)
  }
}
