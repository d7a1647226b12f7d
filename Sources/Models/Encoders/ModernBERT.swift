import Foundation
import Layers
import Tensors

/// ModernBERT (Warner et al. 2024, arXiv:2412.13663), as `ModernBertModel` of transformers computes it.
///
/// Only words are embedded; queries and keys turn by their positions. Norms stand before the halves of a layer, and one
/// behind the last; the feed-forward block is a gate. Most layers see a window, every third all of a row, and turn slower.
public struct ModernBERT: EncoderFamily {
  public static let modelTypes = ["modernbert"]
  public static let architectures = Architectures(
    encoder: "ModernBertModel", classifier: "ModernBertForSequenceClassification")
  public static let prefix = "model"

  public static var keys: EncoderConfiguration.Keys {
    var keys = EncoderConfiguration.Keys()
    keys.typeVocabularySize = nil
    keys.activation = "hidden_activation"
    keys.hiddenDropout = "mlp_dropout"
    keys.attentionDropout = "attention_dropout"
    keys.normEpsilon = "norm_eps"
    return keys
  }

  /// What a layer sees: all of a row, or a window; and how fast its queries and keys turn.
  public enum LayerKind: String, Sendable {
    case full = "full_attention"
    case sliding = "sliding_attention"
  }

  public var configuration: EncoderConfiguration
  /// For each layer.
  public var kinds: [LayerKind]
  /// Tokens that a window holds, half of them to each side.
  public var localAttention = 128
  public var fullBase = 160_000.0
  public var slidingBase = 10_000.0
  public var hasAttentionBias = false
  public var hasFeedForwardBias = false
  public var hasNormBias = false
  public var hasHeadBias = false
  /// Of a language model's decoder.
  public var hasDecoderBias = true
  public var embeddingDropout = 0.0
  public var pooling = HeadDesign.Pooling.first
  public var headActivation = Activation.gelu

  public init() {
    configuration = EncoderConfiguration()
    configuration.vocabularySize = 50_368
    configuration.layers = 22
    configuration.intermediateSize = 1152
    configuration.maximumPositions = 8192
    configuration.hiddenDropout = 0
    configuration.attentionDropout = 0
    configuration.normEpsilon = 1e-5
    configuration.classifierDropout = 0
    configuration.paddingID = 50_283
    kinds = Self.kinds(22, fullEvery: 3)
  }

  private static func kinds(_ layers: Int, fullEvery period: Int) -> [LayerKind] {
    (0..<layers).map { $0 % period == 0 ? .full : .sliding }
  }

  public var json: [String: Any] {
    configuration.json(Self.keys).merging([
      "layer_types": kinds.map(\.rawValue), "local_attention": localAttention, "global_rope_theta": fullBase,
      "local_rope_theta": slidingBase,
      "rope_parameters": [
        LayerKind.full.rawValue: ["rope_type": "default", "rope_theta": fullBase],
        LayerKind.sliding.rawValue: ["rope_type": "default", "rope_theta": slidingBase],
      ], "attention_bias": hasAttentionBias, "mlp_bias": hasFeedForwardBias, "norm_bias": hasNormBias,
      "classifier_bias": hasHeadBias, "decoder_bias": hasDecoderBias, "embedding_dropout": embeddingDropout,
      "classifier_pooling": pooling == .mean ? "mean" : "cls", "classifier_activation": headActivation.rawValue,
    ]) { $1 }
  }

  public var sizes: [EncoderSize] {
    let words = "embeddings.tok_embeddings.weight"
    return [
      EncoderSize("vocab_size", configuration.vocabularySize, largest: 1 << 24, in: words),
      EncoderSize("hidden_size", configuration.hiddenSize, largest: 65_536, in: words, axis: 1),
      EncoderSize("max_position_embeddings", configuration.maximumPositions, largest: 65_536),
      EncoderSize(
        "num_hidden_layers", configuration.layers, largest: 1024, in: "layers.{}.attn.Wqkv.weight"),
      EncoderSize(
        "intermediate_size", configuration.intermediateSize, largest: 262_144, in: "layers.0.mlp.Wo.weight", axis: 1),
      EncoderSize("num_attention_heads", configuration.heads, largest: 4096),
    ]
  }

  public func encoder() -> any TokenEncoder { ModernBERTEncoder(self) }

  /// A map with an activation and a norm, dropout, and a map to the classes.
  public var head: HeadDesign {
    HeadDesign(
      pooling,
      layers: [
        HeadLayer(
          "head.dense", width: configuration.hiddenSize, headActivation, hasBias: hasHeadBias,
          norm: HeadLayer.Norm("head.norm", epsilon: configuration.normEpsilon, hasBias: hasNormBias))
      ], dropouts: [configuration.headDropout])
  }

  public var wordHead: HeadDesign { .words(layers: head.layers, dropouts: head.dropouts) }

  public var spanHead: HeadDesign { wordHead }

  public var vocabularyHead: HeadDesign {
    .vocabulary(
      "head.dense", norm: "head.norm", width: configuration.hiddenSize, headActivation,
      epsilon: configuration.normEpsilon, hasMapBias: hasHeadBias, hasNormBias: hasNormBias, scores: "decoder",
      hasBias: hasDecoderBias, copies: ["decoder.weight"])
  }

  public var pooler: HeadLayer? { nil }
}

// MARK: Configuration

extension ModernBERT {
  /// Reads the keys that releases of transformers before 5 write, and those since.
  public init(json: [String: Any], source: String) throws {
    self.init()
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader, keys: Self.keys, usual: configuration)
    configuration.classifierDropout = configuration.classifierDropout ?? 0
    guard (configuration.hiddenSize / configuration.heads).isMultiple(of: 2) else {
      throw reader.wrong(
        "hidden_size",
        "\(configuration.hiddenSize) gives each of \(configuration.heads) heads an odd number of columns, which cannot "
          + "turn in pairs")
    }
    localAttention = try reader.positive("local_attention", localAttention)
    hasAttentionBias = try reader.flag("attention_bias", false)
    hasFeedForwardBias = try reader.flag("mlp_bias", false)
    hasNormBias = try reader.flag("norm_bias", false)
    hasHeadBias = try reader.flag("classifier_bias", false)
    hasDecoderBias = try reader.flag("decoder_bias", true)
    embeddingDropout = try reader.probability("embedding_dropout") ?? 0
    headActivation = try reader.activation("classifier_activation") ?? .gelu
    try reader.require("classifier_pooling", oneOf: ["cls", "mean"])
    pooling = json["classifier_pooling"] as? String == "mean" ? .mean : .first
    kinds = try Self.kinds(reader, layers: configuration.layers)
    fullBase = try Self.base(reader, .full, older: "global_rope_theta") ?? fullBase
    // A file that says null lets all layers turn alike.
    let usual = json["local_rope_theta"] is NSNull ? fullBase : slidingBase
    slidingBase = try Self.base(reader, .sliding, older: "local_rope_theta") ?? usual
  }

  private static func kinds(_ reader: ConfigurationReader, layers: Int) throws -> [LayerKind] {
    guard reader.has("layer_types") else {
      return kinds(layers, fullEvery: try reader.positive("global_attn_every_n_layers", 3))
    }
    let names = reader.json["layer_types"] as? [String] ?? []
    let kinds = names.compactMap(LayerKind.init(rawValue:))
    guard kinds.count == names.count, kinds.count == layers else {
      throw reader.wrong(
        "layer_types", "is not a list of full_attention and sliding_attention, one for each of \(layers) layers")
    }
    return kinds
  }

  private static func base(_ reader: ConfigurationReader, _ kind: LayerKind, older key: String) throws -> Double? {
    guard reader.has("rope_parameters") else { return try base(reader, key) }
    guard let all = reader.json["rope_parameters"] as? [String: Any] else {
      throw reader.wrong("rope_parameters", "is not an object")
    }
    guard let own = all[kind.rawValue] as? [String: Any] else { return try base(reader, key) }
    let nested = ConfigurationReader(json: own, source: reader.source)
    try nested.require("rope_type", oneOf: ["default"])
    return try base(nested, "rope_theta") ?? base(reader, key)
  }

  private static func base(_ reader: ConfigurationReader, _ key: String) throws -> Double? {
    guard let value = try reader.number(key) else { return nil }
    guard value > 1 else { throw reader.wrong(key, "is \(ConfigurationReader.text(value)), which is not above 1") }
    return value
  }
}

/// Embedded words, layers with norms before their halves, and a norm.
final class ModernBERTEncoder: TokenEncoder {
  let embeddings: TokenEmbeddings
  let layers: [PreNormLayer]
  let finalNorm: LayerNorm
  let width: Int
  let takesSomeTokens: Bool

  init(_ family: ModernBERT) {
    let sizes = family.configuration
    func norm() -> LayerNorm {
      LayerNorm(sizes.hiddenSize, epsilon: Float(sizes.normEpsilon), hasBias: family.hasNormBias)
    }
    var names = TokenEmbeddings.Names()
    (names.word, names.norm) = ("tok_embeddings", "norm")
    embeddings = TokenEmbeddings(
      words: sizes.vocabularySize, positions: nil, types: nil, width: sizes.hiddenSize, epsilon: sizes.normEpsilon,
      hasNormBias: family.hasNormBias, dropout: family.embeddingDropout, initializer: sizes.initializer,
      padding: sizes.paddingID, names: names)
    layers = family.kinds.enumerated().map { index, kind in
      PreNormLayer(
        // The embeddings come out of a norm.
        attentionNorm: index == 0 ? nil : norm(),
        attention: FusedAttention(
          width: sizes.hiddenSize, heads: sizes.heads,
          rotary: RotaryPositions(
            base: kind == .full ? family.fullBase : family.slidingBase, pairing: .halves),
          window: kind == .full ? nil : family.localAttention / 2, dropout: sizes.attentionDropout,
          hasBias: family.hasAttentionBias, initializer: sizes.initializer),
        feedForwardNorm: norm(),
        feedForward: GatedFeedForward(
          sizes.hiddenSize, inner: sizes.intermediateSize, sizes.activation, dropout: sizes.hiddenDropout,
          hasBias: family.hasFeedForwardBias, initializer: sizes.initializer))
    }
    finalNorm = norm()
    width = sizes.hiddenSize
    takesSomeTokens = family.kinds.last == .full
  }

  var depth: Int { layers.count }

  func callAsFunction(
    _ batch: TokenBatch, _ selection: TokenSelection, _ pass: Pass, observe: Observer?
  ) -> TokenVectors {
    embeddings(batch, pass).through(depth: depth, selection, pass, observe: observe) {
      [layers, depth, finalNorm] index, tokens, all, pass in
      let output = layers[index](tokens, over: all, pass)
      return index == depth - 1 ? output.with(finalNorm(output.hidden, pass)) : output
    }
  }
}
