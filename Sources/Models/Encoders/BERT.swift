import Layers
import Tensors

/// BERT (Devlin et al. 2018, arXiv:1810.04805), as `BertModel` of transformers computes it.
///
/// A token's word, position and type are embedded, summed and normalised; then follow layers of self-attention and a
/// feed-forward block of two maps with a GELU between them, each added to what it was given and normalised.
public struct BERT: EncoderFamily {
  public static let modelTypes = ["bert"]
  public static let architectures = Architectures(
    encoder: "BertModel", classifier: "BertForSequenceClassification")
  public static let prefix = "bert"

  public var configuration = EncoderConfiguration()

  public init() {}

  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader)
    try reader.requireAbsolutePositions()
  }

  public var json: [String: Any] {
    configuration.json().merging(ConfigurationReader.absolutePositions) { $1 }
  }

  public func encoder() -> any TokenEncoder {
    let sizes = configuration
    return LayeredEncoder(
      TokenEmbeddings(
        words: sizes.vocabularySize, positions: sizes.maximumPositions, types: sizes.typeVocabularySize,
        width: sizes.hiddenSize, epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout,
        initializer: sizes.initializer, padding: sizes.paddingID),
      layers: (0..<sizes.layers).map { _ in EncoderLayer(sizes.layer) }, width: sizes.hiddenSize)
  }

  /// The first token's vector through a map and tanh, dropout, and a map to the classes.
  public var head: HeadDesign { HeadDesign(.pooler, dropouts: [configuration.headDropout]) }

  public var vocabularyHead: HeadDesign { configuration.predictions() }

  public var pooler: HeadLayer? { HeadLayer("bert.pooler.dense", width: configuration.hiddenSize) }
}
