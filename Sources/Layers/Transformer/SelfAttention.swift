import Tensors

/// Self-attention with several heads (Vaswani et al. 2017, arXiv:1706.03762).
public final class SelfAttention: Module {
  let query, key, value: Linear
  let dropout: Dropout
  let heads: Int
  private let names: EncoderLayer.Names

  /// - Parameter dropout: of the attention's probabilities.
  public init(
    width: Int, heads: Int, dropout: Double, initializer: Parameter.Initializer,
    names: EncoderLayer.Names = EncoderLayer.Names()
  ) {
    func projection() -> Linear { Linear(width, width, initializer: initializer) }
    query = projection()
    key = projection()
    value = projection()
    self.dropout = Dropout(dropout)
    self.heads = heads
    self.names = names
  }

  public var checkpointNames: [String: String] {
    [
      "query": names.query, "key": names.key, "value": names.value,
      "dropout": EncoderLayer.Names.dropout(besides: names.query),
    ]
  }

  /// What `tokens` find in their own rows of `all`.
  public func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> Tensor {
    pass.attention(
      query: query(tokens.hidden, pass), key: key(all.hidden, pass), value: value(all.hidden, pass), heads: heads,
      offsets: all.offsets, queryOffsets: tokens.offsets, mask: dropout.mask(pass))
  }
}
