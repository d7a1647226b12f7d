import Tensors

/// Self-attention with several heads (Vaswani et al. 2017, arXiv:1706.03762).
public final class SelfAttention: Module {
  let query, key, value: Linear
  let dropout: Dropout
  let heads: Int
  private let rotary: RotaryPositions?
  private let names: EncoderLayerNames

  /// - Parameters:
  ///   - rotary: how queries and keys turn by their positions; nil where they do not.
  ///   - dropout: of the attention's probabilities.
  public init(
    width: Int, heads: Int, rotary: RotaryPositions? = nil, dropout: Double, initializer: Parameter.Initializer,
    names: EncoderLayerNames = EncoderLayerNames()
  ) {
    func projection() -> Linear { Linear(width, width, initializer: initializer) }
    query = projection()
    key = projection()
    value = projection()
    self.dropout = Dropout(dropout)
    self.heads = heads
    self.rotary = rotary
    self.names = names
  }

  public var checkpointNames: [String: String] {
    [
      "query": names.query, "key": names.key, "value": names.value,
      "dropout": EncoderLayerNames.dropout(besides: names.query),
    ]
  }

  /// What `tokens` find in their own rows of `all`.
  public func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> Tensor {
    var (query, key, value) = (query(tokens.hidden, pass), key(all.hidden, pass), value(all.hidden, pass))
    if let rotary {
      query = rotary(query, of: tokens, heads: heads, pass)
      key = rotary(key, of: all, heads: heads, pass)
      if rotary.turnsValues { value = rotary(value, of: all, heads: heads, pass) }
    }
    return pass.attention(
      query: query, key: key, value: value, heads: heads, offsets: all.offsets, queryOffsets: tokens.offsets,
      mask: dropout.mask(pass))
  }
}
