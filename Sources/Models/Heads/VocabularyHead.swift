import Layers
import Tensors

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
