import Layers
import Tensors

/// ELECTRA (Clark et al. 2020, arXiv:2003.10555): BERT with narrower embeddings, no pooler, and a head of two maps.
public struct ELECTRA: EncoderFamily {
  public static let modelTypes = ["electra"]
  public static let architectures = Architectures(
    encoder: "ElectraModel", classifier: "ElectraForSequenceClassification")
  public static let prefix = "electra"

  public var configuration = EncoderConfiguration()
  public var embeddingSize = 128

  public init() {
    (configuration.hiddenSize, configuration.heads, configuration.intermediateSize) = (256, 4, 1024)
  }

  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader, usual: Self().configuration)
    embeddingSize = try reader.positive("embedding_size", embeddingSize)
    try reader.requireAbsolutePositions()
  }

  public var json: [String: Any] {
    configuration.json().merging(["embedding_size": embeddingSize]) { $1 }
      .merging(ConfigurationReader.absolutePositions) { $1 }
  }

  public var sizes: [EncoderSize] { configuration.sizes(embedding: embeddingSize) }

  public func encoder() -> any TokenEncoder {
    let sizes = configuration
    return LayeredEncoder(
      TokenEmbeddings(
        words: sizes.vocabularySize, positions: sizes.maximumPositions, types: sizes.typeVocabularySize,
        width: embeddingSize, epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout, initializer: sizes.initializer,
        padding: sizes.paddingID),
      projection: embeddingSize == sizes.hiddenSize
        ? nil
        : ("embeddings_project", Linear(embeddingSize, sizes.hiddenSize, initializer: sizes.initializer)),
      layers: (0..<sizes.layers).map { _ in EncoderLayer(sizes.layer) }, width: sizes.hiddenSize)
  }

  /// The first token's vector through dropout, a map, a GELU and dropout, and a map to the classes.
  public var head: HeadDesign {
    let dropout = configuration.headDropout
    return HeadDesign(
      .first, layers: [HeadLayer("classifier.dense", width: configuration.hiddenSize, .gelu, dropout: dropout)],
      dropouts: [dropout], scores: "classifier.out_proj")
  }

  /// That of a generator.
  public var vocabularyHead: HeadDesign {
    .vocabulary(
      "generator_predictions.dense", norm: "generator_predictions.LayerNorm", width: embeddingSize, .gelu,
      epsilon: configuration.normEpsilon, scores: "generator_lm_head", copies: ["generator_lm_head.weight"])
  }

  public var pooler: HeadLayer? { nil }
}
