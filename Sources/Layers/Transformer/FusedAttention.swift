import Tensors

/// Self-attention whose queries, keys and values are maps of one weight, with rotary positions and perhaps a window, and the
/// map behind it.
public final class FusedAttention: Module {
  /// [3 · width, width]: queries, keys, values.
  let projection: Linear
  let output: Linear
  /// Of the probabilities.
  let dropout: Dropout
  let outputDropout: Dropout
  private let heads: Int
  private let rotary: RotaryPositions
  private let window: Int?
  private let names: (projection: String, output: String)

  /// - Parameters:
  ///   - window: how far a token sees to each side; nil: all of its row.
  ///   - dropout: of the probabilities, and of what comes out.
  ///   - names: of the two maps in a checkpoint.
  public init(
    width: Int, heads: Int, rotary: RotaryPositions, window: Int?, dropout: Double, hasBias: Bool,
    initializer: Parameter.Initializer, names: (projection: String, output: String) = ("Wqkv", "Wo")
  ) {
    projection = Linear(width, 3 * width, hasBias: hasBias, initializer: initializer)
    output = Linear(width, width, hasBias: hasBias, initializer: initializer)
    self.dropout = Dropout(dropout)
    outputDropout = Dropout(dropout)
    self.heads = heads
    self.rotary = rotary
    self.window = window
    self.names = names
  }

  public var checkpointNames: [String: String] {
    ["projection": names.projection, "output": names.output, "outputDropout": "out_drop"]
  }

  /// What `tokens` find in their own rows of `all`.
  public func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> Tensor {
    let width = output.weight.shape[0]
    func map(_ tokens: TokenVectors, _ index: Int) -> Tensor {
      pass.linear(
        tokens.hidden, projection.weight, projection.bias, outputs: index * width..<(index + 1) * width)
    }
    let value = map(all, 2)
    let attended = pass.attention(
      query: rotary(map(tokens, 0), of: tokens, heads: heads, pass),
      key: rotary(map(all, 1), of: all, heads: heads, pass),
      value: rotary.turnsValues ? rotary(value, of: all, heads: heads, pass) : value, heads: heads,
      offsets: all.offsets, queryOffsets: tokens.offsets, window: window, mask: dropout.mask(pass))
    return outputDropout(output(attended, pass), tokens.places, pass)
  }
}
