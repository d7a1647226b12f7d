import Layers
import Tensors

/// DistilBERT (Sanh et al. 2019, arXiv:1910.01108): half of BERT's layers, no types of tokens, no pooler, and nothing dropped
/// behind attention.
public struct DistilBERT: EncoderFamily {
  public static let modelTypes = ["distilbert"]
  public static let architectures = Architectures(
    encoder: "DistilBertModel", classifier: "DistilBertForSequenceClassification")
  public static let prefix = "distilbert"

  public static var keys: EncoderConfiguration.Keys {
    var keys = EncoderConfiguration.Keys()
    (keys.hiddenSize, keys.intermediateSize) = ("dim", "hidden_dim")
    (keys.layers, keys.heads, keys.activation) = ("n_layers", "n_heads", "activation")
    (keys.hiddenDropout, keys.attentionDropout) = ("dropout", "attention_dropout")
    keys.classifierDropout = "seq_classif_dropout"
    (keys.typeVocabularySize, keys.normEpsilon) = (nil, nil)
    return keys
  }

  private static var names: EncoderLayerNames {
    var names = EncoderLayerNames()
    (names.query, names.key, names.value) = ("attention.q_lin", "attention.k_lin", "attention.v_lin")
    (names.attended, names.attendedNorm) = ("attention.out_lin", "sa_layer_norm")
    (names.intermediate, names.output, names.outputNorm) = ("ffn.lin1", "ffn.lin2", "output_layer_norm")
    return names
  }

  public var configuration = EncoderConfiguration()
  /// Whether positions are embedded by sines and cosines, which are not trained.
  public var hasSinusoidalPositions = false
  /// Of the head of answers in a text.
  public var spanDropout = 0.1

  public init() {
    configuration.layers = 6
    configuration.classifierDropout = 0.2
  }

  /// Spellings of other families, which transformers reads, too (`attribute_map`).
  private static let otherSpellings = [
    "hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads",
  ]

  public init(json: [String: Any], source: String) throws {
    var json = json
    for (other, own) in Self.otherSpellings { json[own] = json[own] ?? json[other] }
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader, keys: Self.keys, usual: Self().configuration)
    hasSinusoidalPositions = try reader.flag("sinusoidal_pos_embds", false)
    spanDropout = try reader.probability("qa_dropout") ?? spanDropout
  }

  public var json: [String: Any] {
    configuration.json(Self.keys).merging([
      "sinusoidal_pos_embds": hasSinusoidalPositions, "qa_dropout": spanDropout,
    ]) { $1 }
  }

  public var sizes: [EncoderSize] { configuration.sizes(Self.keys, layer: Self.names, layers: "transformer.layer") }

  public func encoder() -> any TokenEncoder {
    let sizes = configuration
    var layer = sizes.layer
    layer.attendedDropout = 0
    return LayeredEncoder(
      TokenEmbeddings(
        words: sizes.vocabularySize, positions: sizes.maximumPositions, types: nil, width: sizes.hiddenSize,
        epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout, initializer: sizes.initializer,
        padding: sizes.paddingID, hasSinusoidalPositions: hasSinusoidalPositions),
      layers: (0..<sizes.layers).map { _ in EncoderLayer(layer, names: Self.names) }, width: sizes.hiddenSize,
      layersName: "transformer.layer")
  }

  /// The first token's vector through a map, a ReLU and dropout, and a map to the classes.
  public var head: HeadDesign {
    HeadDesign(
      .first, layers: [HeadLayer("pre_classifier", width: configuration.hiddenSize, .relu)],
      dropouts: [configuration.headDropout])
  }

  public var wordHead: HeadDesign { .words(dropouts: [configuration.hiddenDropout]) }

  public var spanHead: HeadDesign { .words(dropouts: [spanDropout], scores: "qa_outputs") }

  public var vocabularyHead: HeadDesign {
    .vocabulary(
      "vocab_transform", norm: "vocab_layer_norm", width: configuration.hiddenSize, configuration.activation,
      epsilon: 1e-12, scores: "vocab_projector", copies: ["vocab_projector.weight"])
  }

  public var pooler: HeadLayer? { nil }
}
