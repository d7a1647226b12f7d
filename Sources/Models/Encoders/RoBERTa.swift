import Layers
import Tensors

/// RoBERTa (Liu et al. 2019, arXiv:1907.11692): BERT with positions that count from the id after the padding's, usually one
/// type of token, no pooler, and a head of two maps.
public struct RoBERTa: RoBERTaKind {
  public static let modelTypes = ["roberta"]
  public static let architectures = Architectures(
    encoder: "RobertaModel", classifier: "RobertaForSequenceClassification")

  public var configuration = Self.usual

  public init() {}
}

/// A family whose encoder and head are RoBERTa's, under other names.
protocol RoBERTaKind: EncoderFamily {}

extension RoBERTaKind {
  public init(json: [String: Any], source: String) throws {
    self.init()
    configuration = try Self.configuration(json, source: source)
  }

  public static var prefix: String { "roberta" }

  static var usual: EncoderConfiguration {
    var usual = EncoderConfiguration()
    usual.vocabularySize = 50_265
    usual.paddingID = 1
    return usual
  }

  static func configuration(_ json: [String: Any], source: String) throws -> EncoderConfiguration {
    let reader = ConfigurationReader(json: json, source: source)
    let configuration = try EncoderConfiguration(reader, usual: usual)
    try reader.requireAbsolutePositions()
    guard let padding = configuration.paddingID else {
      throw reader.wrong("pad_token_id", "is null, and positions count from the id after it")
    }
    guard configuration.maximumPositions - padding > 3 else {
      throw reader.wrong(
        "max_position_embeddings",
        "is \(configuration.maximumPositions), and positions count from \(padding + 1), which leaves no room for a row")
    }
    return configuration
  }

  public var json: [String: Any] { configuration.json().merging(ConfigurationReader.absolutePositions) { $1 } }

  private var padding: Int { configuration.paddingID ?? 0 }

  public var mostTokens: Int { configuration.maximumPositions - padding - 1 }

  public func encoder() -> any TokenEncoder {
    let sizes = configuration
    return LayeredEncoder(
      TokenEmbeddings(
        words: sizes.vocabularySize, positions: sizes.maximumPositions, types: sizes.typeVocabularySize,
        width: sizes.hiddenSize, epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout,
        initializer: sizes.initializer, padding: padding, countsAfterPadding: true),
      layers: (0..<sizes.layers).map { _ in EncoderLayer(sizes.layer) }, width: sizes.hiddenSize)
  }

  /// The first token's vector through dropout, a map, tanh and dropout, and a map to the classes.
  public var head: HeadDesign {
    let dropout = configuration.headDropout
    return HeadDesign(
      .first, layers: [HeadLayer("classifier.dense", width: configuration.hiddenSize, .tanh, dropout: dropout)],
      dropouts: [dropout], scores: "classifier.out_proj")
  }

  public var vocabularyHead: HeadDesign {
    .vocabulary(
      "lm_head.dense", norm: "lm_head.layer_norm", width: configuration.hiddenSize, .gelu,
      epsilon: configuration.normEpsilon, scores: "lm_head", copies: ["lm_head.decoder.weight", "lm_head.decoder.bias"])
  }

  /// That of pre-training, which classifiers do not use.
  public var pooler: HeadLayer? { HeadLayer("roberta.pooler.dense", width: configuration.hiddenSize) }
}
