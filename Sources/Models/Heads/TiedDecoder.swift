/// The map from a token's vector to a score of each token of the vocabulary, whose weight is the table of word embeddings.
///
///     scores = x Eᵀ + b                 E the word embeddings, b the bias of this map
///
/// There is one parameter E: the gradients of lookup and map are added in it, and clipping, adversaries, averages and
/// checkpoints see it once (Press and Wolf 2017, arXiv:1608.05859).
public struct TiedDecoder: Sendable, Equatable {
  public var hasBias: Bool
  /// The names under which files may hold weight and bias once more.
  public var copies: [String]

  public init(hasBias: Bool = true, copies: [String]) { (self.hasBias, self.copies) = (hasBias, copies) }
}
