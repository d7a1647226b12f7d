import Layers
import Tensors

/// The map from a token's vector to a score of each token of the vocabulary, whose weight is the table of word embeddings.
///
///     scores = x Eᵀ + b                 E the word embeddings, b a bias of its own
///
/// There is one parameter E: the gradients of lookup and map are added in it, and clipping, adversaries, averages and
/// checkpoints see it once (Press and Wolf 2017, arXiv:1608.05859).
public struct TiedDecoder: Sendable, Equatable {
  public var hasBias: Bool
  /// The names under which files may hold weight and bias once more.
  public var copies: [String]

  public init(hasBias: Bool = true, copies: [String]) { (self.hasBias, self.copies) = (hasBias, copies) }
}

extension HeadDesign {
  /// A map with an activation and a norm, and the word embeddings as the map to scores.
  ///
  /// - Parameters:
  ///   - width: columns of the word embeddings.
  ///   - scores: what the name of the decoder's bias begins with.
  ///   - copies: the names under which files may hold the decoder's weight and bias once more.
  static func vocabulary(
    _ dense: String, norm: String, width: Int, _ activation: Activation, epsilon: Double, hasMapBias: Bool = true,
    hasNormBias: Bool = true, scores: String, hasBias: Bool = true, copies: [String]
  ) -> HeadDesign {
    let layer = HeadLayer(
      dense, width: width, activation, hasBias: hasMapBias,
      norm: HeadLayer.Norm(norm, epsilon: epsilon, hasBias: hasNormBias))
    var design = HeadDesign.words(layers: [layer], dropouts: [0], scores: scores)
    design.decoder = TiedDecoder(hasBias: hasBias, copies: copies)
    return design
  }
}

extension EncoderConfiguration {
  /// The head of BERT and of those that followed it.
  /// - Parameter width: columns of the word embeddings; the layers' where nil.
  func predictions(width: Int? = nil) -> HeadDesign {
    let name = "cls.predictions"
    return .vocabulary(
      "\(name).transform.dense", norm: "\(name).transform.LayerNorm", width: width ?? hiddenSize, activation,
      epsilon: normEpsilon, scores: name, copies: ["\(name).decoder.weight", "\(name).decoder.bias"])
  }
}

/// The bias of a tied decoder, and its products.
final class VocabularyScores: Module {
  let bias: Parameter?

  init(_ decoder: TiedDecoder, count: Int) {
    bias = decoder.hasBias ? Parameter([count], kind: .bias, initializer: .zeros) : nil
  }

  /// [n, width of the word embeddings] → [n, vocabulary].
  func callAsFunction(_ vectors: Tensor, _ words: Embedding, _ pass: Pass) -> Tensor {
    pass.linear(vectors, words.weight, bias)
  }
}
