import Layers
import Tensors

/// ALBERT (Lan et al. 2019, arXiv:1909.11942): BERT whose layers share their weights, and whose embeddings are narrower.
public struct ALBERT: EncoderFamily {
  public static let modelTypes = ["albert"]
  public static let architectures = Architectures(
    encoder: "AlbertModel", classifier: "AlbertForSequenceClassification")
  public static let prefix = "albert"

  public static var keys: EncoderConfiguration.Keys {
    var keys = EncoderConfiguration.Keys()
    keys.classifierDropout = "classifier_dropout_prob"
    return keys
  }

  static var names: EncoderLayerNames {
    var names = EncoderLayerNames()
    (names.query, names.key, names.value) = ("attention.query", "attention.key", "attention.value")
    (names.attended, names.attendedNorm) = ("attention.dense", "attention.LayerNorm")
    (names.intermediate, names.output, names.outputNorm) = ("ffn", "ffn_output", "full_layer_layer_norm")
    return names
  }

  public var configuration = EncoderConfiguration()
  public var embeddingSize = 128
  /// Groups of layers, each with its own weights.
  public var groups = 1
  /// Layers of a group, one behind the other.
  public var layersOfGroup = 1

  public init() {
    (configuration.vocabularySize, configuration.hiddenSize, configuration.intermediateSize) = (30_000, 4096, 16_384)
    (configuration.heads, configuration.activation) = (64, .geluTanh)
    (configuration.hiddenDropout, configuration.attentionDropout, configuration.classifierDropout) = (0, 0, 0.1)
  }

  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader, keys: Self.keys, usual: Self().configuration)
    embeddingSize = try reader.positive("embedding_size", embeddingSize)
    groups = try reader.positive("num_hidden_groups", groups)
    layersOfGroup = try reader.positive("inner_group_num", layersOfGroup)
    try reader.requireAbsolutePositions()
    guard groups <= configuration.layers else {
      throw reader.wrong(
        "num_hidden_groups", "is \(groups), more than num_hidden_layers, which is \(configuration.layers)")
    }
  }

  public var json: [String: Any] {
    configuration.json(Self.keys).merging([
      "embedding_size": embeddingSize, "num_hidden_groups": groups, "inner_group_num": layersOfGroup,
    ]) { $1 }.merging(ConfigurationReader.absolutePositions) { $1 }
  }

  /// `num_hidden_layers` shows in no tensor.
  public var sizes: [EncoderSize] {
    let query = "\(Self.names.query).weight"
    let level = "encoder.albert_layer_groups"
    return configuration.sizes(
      Self.keys, embedding: embeddingSize, layer: Self.names, layers: "\(level).0.albert_layers"
    )
    .map { $0.key == Self.keys.layers ? EncoderSize($0.key, $0.value, largest: $0.largest) : $0 } + [
      EncoderSize("num_hidden_groups", groups, largest: 1024, in: "\(level).{}.albert_layers.0.\(query)"),
      EncoderSize("inner_group_num", layersOfGroup, largest: 1024, in: "\(level).0.albert_layers.{}.\(query)"),
    ]
  }

  public func encoder() -> any TokenEncoder { SharedLayerEncoder(self) }

  /// The first token's vector through a map and tanh, dropout, and a map to the classes.
  public var head: HeadDesign { HeadDesign(.pooler, dropouts: [configuration.headDropout]) }

  public var vocabularyHead: HeadDesign {
    .vocabulary(
      "predictions.dense", norm: "predictions.LayerNorm", width: embeddingSize, configuration.activation,
      epsilon: configuration.normEpsilon, scores: "predictions",
      copies: ["predictions.decoder.weight", "predictions.decoder.bias"])
  }

  public var pooler: HeadLayer? { HeadLayer("albert.pooler", width: configuration.hiddenSize) }
}

/// Token embeddings, a map to the layers' width, and groups of layers that are each used at several depths.
private final class SharedLayerEncoder: TokenEncoder {
  let embeddings: TokenEmbeddings
  let mapping: Linear
  let groups: [LayerGroup]
  let width: Int
  let depth: Int

  init(_ albert: ALBERT) {
    let sizes = albert.configuration
    embeddings = TokenEmbeddings(
      words: sizes.vocabularySize, positions: sizes.maximumPositions, types: sizes.typeVocabularySize,
      width: albert.embeddingSize, epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout,
      initializer: sizes.initializer, padding: sizes.paddingID)
    mapping = Linear(albert.embeddingSize, sizes.hiddenSize, initializer: sizes.initializer)
    groups = (0..<albert.groups).map { _ in LayerGroup(albert) }
    width = sizes.hiddenSize
    depth = sizes.layers
  }

  var takesSomeTokens: Bool { true }

  var checkpointNames: [String: String] {
    ["mapping": "encoder.embedding_hidden_mapping_in", "groups": "encoder.albert_layer_groups"]
  }

  func callAsFunction(
    _ batch: TokenBatch, _ selection: TokenSelection, _ pass: Pass, observe: Observer?
  ) -> TokenVectors {
    let inner = groups[0].layers.count
    let groupObserver = observe.map { observe in
      { (index: Int, state: TokenVectors) in if index.isMultiple(of: inner) { observe(index / inner, state) } }
    }
    return firstStates(batch, pass).through(depth: depth * inner, selection, pass, observe: groupObserver) {
      [groups, depth] index, tokens, all, pass in
      groups[index / inner * groups.count / depth].layers[index % inner](tokens, over: all, pass)
    }
  }

  private func firstStates(_ batch: TokenBatch, _ pass: Pass) -> TokenVectors {
    let embedded = embeddings(batch, pass)
    return embedded.with(mapping(embedded.hidden, pass))
  }
}

/// Layers one behind the other. The second half of a layer drops nothing.
private final class LayerGroup: Module {
  let layers: [EncoderLayer]

  init(_ albert: ALBERT) {
    var layer = albert.configuration.layer
    layer.outputDropout = 0
    layers = (0..<albert.layersOfGroup).map { _ in EncoderLayer(layer, names: ALBERT.names) }
  }

  var checkpointNames: [String: String] { ["layers": "albert_layers"] }
}
