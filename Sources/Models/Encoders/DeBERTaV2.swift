import Layers
import Support
import Tensors

/// DeBERTa of versions 2 and 3 (He et al. 2020, arXiv:2006.03654, and 2021, arXiv:2111.09543), as `DebertaV2Model` of
/// transformers computes it.
///
/// BERT whose scores also depend on the distance of two tokens, by a table of relative positions that all layers share; large
/// models of version 2 add a convolution to the first layer.
public struct DeBERTaV2: EncoderFamily {
  public static let modelTypes = ["deberta-v2"]
  public static let architectures = Architectures(
    encoder: "DebertaV2Model", classifier: "DebertaV2ForSequenceClassification")
  public static let prefix = "deberta"

  public static var keys: EncoderConfiguration.Keys {
    var keys = EncoderConfiguration.Keys()
    keys.typeVocabularySize = nil
    keys.classifierDropout = "cls_dropout"
    return keys
  }

  static var layerNames: EncoderLayerNames {
    var names = EncoderLayerNames()
    names.query = "attention.self.query_proj"
    return names
  }

  public var configuration: EncoderConfiguration
  /// Token types; nil where there is no table of them.
  public var types: Int?
  public var hasAbsolutePositions = true
  /// Nil where there are no relative positions.
  public var positions: RelativePositions?
  public var terms = DisentangledAttention.Terms(contentToPosition: false, positionToContent: false)
  public var sharesPositionMaps = false
  /// The table of relative positions is normalised.
  public var normalizesPositions = false
  /// Tokens that the convolution reads; nil where there is none.
  public var convolutionTaps: Int?
  public var convolutionActivation = Activation.tanh
  public var poolerDropout = 0.0
  public var poolerActivation = Activation.gelu
  /// Whether a language model's head has the names that transformers gave it first.
  public var isLegacy = true

  public init() {
    configuration = EncoderConfiguration()
    configuration.vocabularySize = 128_100
    configuration.hiddenSize = 1536
    configuration.layers = 24
    configuration.heads = 24
    configuration.intermediateSize = 6144
    configuration.normEpsilon = 1e-7
  }

  public var json: [String: Any] {
    let kinds = (terms.contentToPosition ? ["c2p"] : []) + (terms.positionToContent ? ["p2c"] : [])
    return configuration.json(Self.keys).merging([
      "type_vocab_size": types ?? 0, "position_biased_input": hasAbsolutePositions,
      "relative_attention": positions != nil, "max_relative_positions": positions?.maximum ?? -1,
      "position_buckets": positions?.buckets ?? -1, "pos_att_type": kinds, "share_att_key": sharesPositionMaps,
      "norm_rel_ebd": normalizesPositions ? "layer_norm" : "none", "conv_kernel_size": convolutionTaps ?? 0,
      "conv_act": convolutionActivation.rawValue, "pooler_dropout": poolerDropout,
      "pooler_hidden_act": poolerActivation.rawValue, "pooler_hidden_size": configuration.hiddenSize,
      "legacy": isLegacy,
    ]) { $1 }
  }

  public var sizes: [EncoderSize] {
    var sizes = configuration.sizes(Self.keys, layer: Self.layerNames)
    if !hasAbsolutePositions, let index = sizes.firstIndex(where: { $0.key == Self.keys.maximumPositions }) {
      sizes[index] = EncoderSize(sizes[index].key, sizes[index].value, largest: sizes[index].largest)
    }
    if let types {
      sizes.append(
        EncoderSize("type_vocab_size", types, largest: 65_536, in: "embeddings.token_type_embeddings.weight"))
    }
    return sizes
  }

  public func encoder() -> any TokenEncoder { DeBERTaEncoder(self) }

  /// Dropout, the first token's vector through a map and an activation, dropout, and a map to the classes.
  public var head: HeadDesign { HeadDesign(.pooler, dropouts: [configuration.headDropout]) }

  public var wordHead: HeadDesign { .words(dropouts: [configuration.hiddenDropout]) }

  public var vocabularyHead: HeadDesign {
    guard !isLegacy else { return configuration.predictions() }
    let name = "lm_predictions.lm_head"
    return .vocabulary(
      "\(name).dense", norm: "\(name).LayerNorm", width: configuration.hiddenSize, configuration.activation,
      epsilon: configuration.normEpsilon, scores: name, copies: [])
  }

  public var pooler: HeadLayer? {
    HeadLayer("pooler.dense", width: configuration.hiddenSize, poolerActivation, dropout: poolerDropout)
  }
}

// MARK: Configuration

extension DeBERTaV2 {
  public init(json: [String: Any], source: String) throws {
    self.init()
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader, keys: Self.keys, usual: configuration)
    types = try reader.count("type_vocab_size")
    hasAbsolutePositions = try reader.flag("position_biased_input", true)
    terms = try Self.terms(reader)
    sharesPositionMaps = try reader.flag("share_att_key", false)
    convolutionTaps = try reader.count("conv_kernel_size")
    convolutionActivation = try reader.activation("conv_act") ?? convolutionActivation
    poolerDropout = try reader.probability("pooler_dropout") ?? poolerDropout
    poolerActivation = try reader.activation("pooler_hidden_act") ?? poolerActivation
    isLegacy = try reader.flag("legacy", true)
    if let taps = convolutionTaps, taps.isMultiple(of: 2) {
      throw reader.wrong("conv_kernel_size", "is \(taps), and only odd sizes give every token a result")
    }
    let headWidth = configuration.hiddenSize / configuration.heads
    for (key, only) in [
      ("pooler_hidden_size", configuration.hiddenSize), ("embedding_size", configuration.hiddenSize),
      ("attention_head_size", headWidth), ("conv_groups", 1),
    ] {
      let value = try reader.positive(key, only)
      guard value == only else { throw reader.wrong(key, "is \(value), and only \(only) can be computed here") }
    }
    guard try reader.flag("relative_attention", false) else { return }
    positions = try Self.positions(reader, maximumPositions: configuration.maximumPositions)
    normalizesPositions = try Self.parts(reader, "norm_rel_ebd", oneOf: ["none", "layer_norm"]).contains("layer_norm")
  }

  private static func terms(_ reader: ConfigurationReader) throws -> DisentangledAttention.Terms {
    let kinds = try parts(reader, "pos_att_type", oneOf: ["c2p", "p2c"])
    return DisentangledAttention.Terms(
      contentToPosition: kinds.contains("c2p"), positionToContent: kinds.contains("p2c"))
  }

  private static func positions(_ reader: ConfigurationReader, maximumPositions: Int) throws -> RelativePositions {
    let stated = Int(max(-1, min(try reader.number("max_relative_positions") ?? -1, 0x1p20)))
    let maximum = stated < 1 ? maximumPositions : stated
    let buckets = Int(max(-1, min(try reader.number("position_buckets") ?? -1, 0x1p20)))
    guard buckets > 0 else { return RelativePositions(maximum: maximum, buckets: nil) }
    guard buckets >= 2, maximum - 1 > buckets / 2 else {
      throw reader.wrong("position_buckets", "is \(buckets), which cannot hold the distances below \(maximum)")
    }
    return RelativePositions(maximum: maximum, buckets: buckets)
  }

  /// A list of words, or a text of words between bars.
  private static func parts(
    _ reader: ConfigurationReader, _ key: String, oneOf allowed: [String]
  ) throws -> [String] {
    guard reader.has(key), let value = reader.json[key] else { return [] }
    let text = (value as? String)?.lowercased()
    let words = text?.split(separator: "|").map { $0.trimmed { $0 == " " } } ?? value as? [String]
    guard let words, words.allSatisfy(allowed.contains) else {
      throw reader.wrong(key, "is \(value), and only \(allowed.joined(separator: ", ")) can be computed here")
    }
    return words
  }
}

extension ConfigurationReader {
  /// A number of things of which there may be none; nil for none.
  fileprivate func count(_ key: String) throws -> Int? {
    guard let value = try number(key), value != 0 else { return nil }
    return try positive(key, 1)
  }
}

// MARK: Encoder

/// Token embeddings and layers of disentangled attention.
final class DeBERTaEncoder: TokenEncoder {
  let embeddings: TokenEmbeddings
  let encoder: DeBERTaLayers
  let width: Int

  init(_ family: DeBERTaV2) {
    let sizes = family.configuration
    embeddings = TokenEmbeddings(
      words: sizes.vocabularySize, positions: family.hasAbsolutePositions ? sizes.maximumPositions : nil,
      types: family.types, width: sizes.hiddenSize, epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout,
      initializer: sizes.initializer, padding: sizes.paddingID)
    encoder = DeBERTaLayers(family)
    width = sizes.hiddenSize
  }

  var depth: Int { encoder.layer.count }

  func callAsFunction(
    _ batch: TokenBatch, _ selection: TokenSelection, _ pass: Pass, observe: Observer?
  ) -> TokenVectors {
    let distances = encoder.distances(pass)
    return embeddings(batch, pass).through(depth: depth, selection, pass, observe: observe) {
      [encoder] index, tokens, all, pass in
      encoder(index, tokens, over: all, distances: distances, pass)
    }
  }
}

/// The layers, the table of relative positions that they share, and the convolution that joins the first.
final class DeBERTaLayers: Module {
  let layer: [DisentangledLayer]
  let relEmbeddings: Embedding?
  let norm: LayerNorm?
  let conv: TokenConvolution?

  init(_ family: DeBERTaV2) {
    let sizes = family.configuration
    layer = (0..<sizes.layers).map { _ in
      DisentangledLayer(
        sizes.layer, terms: family.terms, positions: family.positions, sharesMaps: family.sharesPositionMaps,
        positionDropout: sizes.hiddenDropout)
    }
    relEmbeddings = family.positions.map {
      Embedding(2 * $0.span, sizes.hiddenSize, initializer: sizes.initializer)
    }
    norm = family.normalizesPositions ? LayerNorm(sizes.hiddenSize, epsilon: Float(sizes.normEpsilon)) : nil
    conv = family.convolutionTaps.map {
      TokenConvolution(
        sizes.hiddenSize, taps: $0, family.convolutionActivation, epsilon: sizes.normEpsilon,
        dropout: sizes.hiddenDropout, initializer: sizes.initializer)
    }
  }

  var checkpointNames: [String: String] { ["norm": "LayerNorm"] }

  /// The vectors of distances; nil without relative positions.
  func distances(_ pass: Pass) -> Tensor? {
    relEmbeddings.map { table in
      let vectors = pass.embeddings(
        word: table.weight, position: nil, type: nil, ids: (0..<Int32(table.entries)).map { $0 }, positions: [],
        typeIDs: [])
      return norm.map { $0(vectors, pass) } ?? vectors
    }
  }

  func callAsFunction(
    _ index: Int, _ tokens: TokenVectors, over all: TokenVectors, distances: Tensor?, _ pass: Pass
  ) -> TokenVectors {
    let output = layer[index](tokens, over: all, distances: distances, pass)
    guard index == 0, let conv else { return output }
    return conv(all, residual: output, pass)
  }
}
