import Tensors

/// A layer of an encoder with the norms before its halves: attention, then a gated feed-forward block, each of the normalised
/// vectors and added to the vectors themselves.
public final class PreNormLayer: Module {
  /// Nil where what comes in is normalised already.
  let attentionNorm: LayerNorm?
  let attention: FusedAttention
  let feedForwardNorm: LayerNorm
  let feedForward: GatedFeedForward

  public init(
    attentionNorm: LayerNorm?, attention: FusedAttention, feedForwardNorm: LayerNorm, feedForward: GatedFeedForward
  ) {
    self.attentionNorm = attentionNorm
    self.attention = attention
    self.feedForwardNorm = feedForwardNorm
    self.feedForward = feedForward
  }

  public var checkpointNames: [String: String] {
    ["attentionNorm": "attn_norm", "attention": "attn", "feedForwardNorm": "mlp_norm", "feedForward": "mlp"]
  }

  /// The layer's output for `tokens`, which attend to their whole rows in `all`.
  public func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> TokenVectors {
    let context = normalized(all, pass)
    let asking = tokens.hidden === all.hidden ? context : normalized(tokens, pass)
    let attended = tokens.with(pass.add(tokens.hidden, attention(asking, over: context, pass)))
    let inner = attended.with(feedForwardNorm(attended.hidden, pass))
    return attended.with(pass.add(attended.hidden, feedForward(inner, pass)))
  }

  private func normalized(_ tokens: TokenVectors, _ pass: Pass) -> TokenVectors {
    attentionNorm.map { tokens.with($0(tokens.hidden, pass)) } ?? tokens
  }
}
