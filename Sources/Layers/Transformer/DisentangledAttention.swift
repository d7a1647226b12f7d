import Tensors

/// Self-attention that also looks at distances, by tables of relative positions (DeBERTa: He et al. 2020, arXiv:2006.03654).
public final class DisentangledAttention: Module {
  /// What scores are made of besides queries and keys.
  public struct Terms: Sendable, Equatable {
    /// Queries with the vectors of distances as keys.
    public var contentToPosition: Bool
    /// Keys with the vectors of distances as queries.
    public var positionToContent: Bool

    public init(contentToPosition: Bool, positionToContent: Bool) {
      self.contentToPosition = contentToPosition
      self.positionToContent = positionToContent
    }

    var count: Int { 1 + (contentToPosition ? 1 : 0) + (positionToContent ? 1 : 0) }
  }

  let query, key, value: Linear
  /// Maps of the distances' vectors; nil where they go through those of the tokens, or have no such term.
  let positionKey, positionQuery: Linear?
  let dropout: Dropout
  /// Of the vectors of distances.
  let positionDropout: Dropout
  private let heads: Int
  private let terms: Terms
  private let positions: RelativePositions?

  /// - Parameters:
  ///   - positions: nil where there are no relative positions; the scale of scores counts the terms nevertheless.
  ///   - sharesMaps: the vectors of distances go through the tokens' maps of queries and keys.
  public init(
    width: Int, heads: Int, terms: Terms, positions: RelativePositions?, sharesMaps: Bool, dropout: Double,
    positionDropout: Double, initializer: Parameter.Initializer
  ) {
    func map() -> Linear { Linear(width, width, initializer: initializer) }
    query = map()
    key = map()
    value = map()
    let hasOwn = positions != nil && !sharesMaps
    positionKey = hasOwn && terms.contentToPosition ? map() : nil
    positionQuery = hasOwn && terms.positionToContent ? map() : nil
    self.dropout = Dropout(dropout)
    self.positionDropout = Dropout(positionDropout)
    self.heads = heads
    self.terms = terms
    self.positions = positions
  }

  public var checkpointNames: [String: String] {
    [
      "query": "query_proj", "key": "key_proj", "value": "value_proj", "positionKey": "pos_key_proj",
      "positionQuery": "pos_query_proj", "positionDropout": "pos_dropout",
    ]
  }

  /// What `tokens` find in their own rows of `all`.
  /// - Parameter distances: a vector for each row of the table of relative positions; nil where there is none.
  public func callAsFunction(
    _ tokens: TokenVectors, over all: TokenVectors, distances: Tensor?, _ pass: Pass
  ) -> Tensor {
    var table: Tensor?
    if let distances {
      // The table belongs to no row of the batch: every rank draws the same mask.
      let places = Coordinates(rows: [0], offsets: [0, Int32(distances.shape[0])])
      table = positionDropout(distances, places, pass)
    }
    return pass.disentangledAttention(
      query: query(tokens.hidden, pass), key: key(all.hidden, pass), value: value(all.hidden, pass),
      positionKey: terms.contentToPosition ? table.map { (positionKey ?? key)($0, pass) } : nil,
      positionQuery: terms.positionToContent ? table.map { (positionQuery ?? query)($0, pass) } : nil,
      positions: positions ?? RelativePositions(maximum: 1, buckets: nil), terms: terms.count, heads: heads,
      offsets: all.offsets, queryOffsets: tokens.offsets, mask: dropout.mask(pass))
  }
}
