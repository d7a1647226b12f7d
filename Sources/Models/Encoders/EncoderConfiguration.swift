import Foundation
import Layers
import Tensors
import Text

/// The facts of a `config.json` that most encoders' computations depend on; the values are BERT-base's.
public struct EncoderConfiguration: Sendable, Equatable {
  public var vocabularySize = 30522
  public var hiddenSize = 768
  public var layers = 12
  public var heads = 12
  public var intermediateSize = 3072
  public var maximumPositions = 512
  public var typeVocabularySize = 2
  public var activation = Activation.gelu
  public var hiddenDropout = 0.1
  public var attentionDropout = 0.1
  /// The head's dropout; `hiddenDropout` where nil.
  public var classifierDropout: Double?
  public var normEpsilon = 1e-12
  public var initializerRange = 0.02
  /// The id of `[PAD]`; nil where the file says null.
  public var paddingID: Int? = 0

  public init() {}

  /// How a family spells the keys; nil for what it does not have.
  public struct Keys: Sendable {
    public var vocabularySize = "vocab_size"
    public var hiddenSize = "hidden_size"
    public var layers = "num_hidden_layers"
    public var heads = "num_attention_heads"
    public var intermediateSize = "intermediate_size"
    public var maximumPositions = "max_position_embeddings"
    public var typeVocabularySize: String? = "type_vocab_size"
    public var activation = "hidden_act"
    public var hiddenDropout = "hidden_dropout_prob"
    public var attentionDropout = "attention_probs_dropout_prob"
    public var classifierDropout: String? = "classifier_dropout"
    public var normEpsilon: String? = "layer_norm_eps"

    public init() {}

    private var all: [String?] {
      [
        vocabularySize, hiddenSize, layers, heads, intermediateSize, maximumPositions, typeVocabularySize, activation,
        hiddenDropout, attentionDropout, classifierDropout, normEpsilon,
      ]
    }

    /// How the family spells what most families call so; nil where it spells it alike or does not have it.
    public func spelling(of usual: String) -> String? {
      let pair = zip(Keys().all, all).first { $0.0 == usual }
      return pair?.1 == usual ? nil : pair?.1
    }
  }

  /// Reads the keys of a `config.json`; absent ones keep the values of `usual`.
  /// - Throws: `ModelError` that names the key.
  public init(
    _ reader: ConfigurationReader, keys: Keys = Keys(), usual: EncoderConfiguration = EncoderConfiguration()
  ) throws {
    self = usual
    vocabularySize = try reader.positive(keys.vocabularySize, vocabularySize)
    hiddenSize = try reader.positive(keys.hiddenSize, hiddenSize)
    layers = try reader.positive(keys.layers, layers)
    heads = try reader.positive(keys.heads, heads)
    intermediateSize = try reader.positive(keys.intermediateSize, intermediateSize)
    maximumPositions = try reader.positive(keys.maximumPositions, maximumPositions)
    if let key = keys.typeVocabularySize { typeVocabularySize = try reader.positive(key, typeVocabularySize) }
    hiddenDropout = try reader.probability(keys.hiddenDropout) ?? hiddenDropout
    attentionDropout = try reader.probability(keys.attentionDropout) ?? attentionDropout
    if let key = keys.classifierDropout { classifierDropout = try reader.probability(key, classifierDropout) }
    if let key = keys.normEpsilon { normEpsilon = try reader.atLeastZero(key) ?? normEpsilon }
    initializerRange = try reader.atLeastZero("initializer_range") ?? initializerRange
    paddingID = try reader.identifier("pad_token_id", paddingID)
    activation = try reader.activation(keys.activation) ?? activation
    guard maximumPositions >= 3 else {
      throw ModelError(
        file: reader.source,
        problem: "\(keys.maximumPositions) is \(maximumPositions), which leaves no room for [CLS], [SEP] and a token",
        remedy: "make it at least 3")
    }
    guard hiddenSize % heads == 0 else {
      throw ModelError(
        file: reader.source, problem: "\(keys.hiddenSize) \(hiddenSize) is not a multiple of \(keys.heads) \(heads)",
        remedy: "make it one")
    }
  }

  /// The keys as Hugging Face writes them.
  public func json(_ keys: Keys = Keys()) -> [String: Any] {
    var json: [String: Any] = [
      keys.activation: activation.rawValue, "pad_token_id": paddingID ?? NSNull(), keys.vocabularySize: vocabularySize,
      keys.hiddenSize: hiddenSize, keys.layers: layers, keys.heads: heads, keys.intermediateSize: intermediateSize,
      keys.maximumPositions: maximumPositions, keys.hiddenDropout: hiddenDropout,
      keys.attentionDropout: attentionDropout, "initializer_range": initializerRange,
    ]
    if let key = keys.typeVocabularySize { json[key] = typeVocabularySize }
    if let key = keys.classifierDropout { json[key] = classifierDropout ?? NSNull() }
    if let key = keys.normEpsilon { json[key] = normEpsilon }
    return json
  }

  /// The sizes of an encoder whose tensors are named as BERT's, below its prefix.
  /// - Parameters:
  ///   - embedding: columns of the embeddings, where they are not the layers'.
  ///   - level: where the layers are.
  public func sizes(
    _ keys: Keys = Keys(), embedding: Int? = nil, layer names: EncoderLayerNames = EncoderLayerNames(),
    layers level: String = "encoder.layer"
  ) -> [EncoderSize] {
    let words = "embeddings.word_embeddings.weight"
    var sizes = [
      EncoderSize(keys.vocabularySize, vocabularySize, largest: 1 << 24, in: words, axis: 0),
      embedding.map { EncoderSize("embedding_size", $0, largest: 65_536, in: words, axis: 1) }
        ?? EncoderSize(keys.hiddenSize, hiddenSize, largest: 65_536, in: words, axis: 1),
      EncoderSize(
        keys.maximumPositions, maximumPositions, largest: 65_536, in: "embeddings.position_embeddings.weight"),
    ]
    if let key = keys.typeVocabularySize {
      sizes.append(
        EncoderSize(key, typeVocabularySize, largest: 65_536, in: "embeddings.token_type_embeddings.weight"))
    }
    if embedding != nil {
      sizes.append(EncoderSize(keys.hiddenSize, hiddenSize, largest: 65_536, in: "\(level).0.\(names.query).weight"))
    }
    return sizes + [
      EncoderSize(keys.layers, layers, largest: 1024, in: "\(level).{}.\(names.query).weight"),
      EncoderSize(
        keys.intermediateSize, intermediateSize, largest: 262_144, in: "\(level).0.\(names.intermediate).weight"),
      EncoderSize(keys.heads, heads, largest: 4096),
    ]
  }

  /// The first weights of maps and tables.
  public var initializer: Parameter.Initializer { .normal(Float(initializerRange)) }

  public var headDropout: Double { classifierDropout ?? hiddenDropout }

  /// A layer that drops hidden vectors behind both its halves.
  public var layer: EncoderLayer.Shape {
    EncoderLayer.Shape(
      width: hiddenSize, heads: heads, intermediate: intermediateSize, activation: activation,
      epsilon: normEpsilon, attentionDropout: attentionDropout, attendedDropout: hiddenDropout,
      outputDropout: hiddenDropout,
      initializer: initializer)
  }
}
