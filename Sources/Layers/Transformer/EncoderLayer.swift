import Tensors

/// A layer of an encoder with the norms behind its halves: self-attention, then a feed-forward block, each added to what it
/// was given and normalised.
public final class EncoderLayer: Module {
  /// The names of a layer's parts in a checkpoint, below the layer's own.
  public struct Names: Sendable {
    public var query = "attention.self.query"
    public var key = "attention.self.key"
    public var value = "attention.self.value"
    public var attended = "attention.output.dense"
    public var attendedNorm = "attention.output.LayerNorm"
    public var intermediate = "intermediate.dense"
    public var output = "output.dense"
    public var outputNorm = "output.LayerNorm"

    public init() {}

    /// The path of a dropout that stands with a linear map.
    static func dropout(besides path: String) -> String {
      (path.split(separator: ".").dropLast() + ["dropout"]).joined(separator: ".")
    }
  }

  /// Sizes and probabilities.
  public struct Shape: Sendable {
    public var width: Int
    public var heads: Int
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

  public init(_ shape: Shape, names: Names = Names()) {
    attention = SelfAttention(
      width: shape.width, heads: shape.heads, dropout: shape.attentionDropout, initializer: shape.initializer,
      names: names)
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
