import Foundation

/// The facts of a `config.json` that BERT's computation depends on, under Hugging Face's names.
public struct BertConfiguration: Sendable, Equatable {
  public var vocabularySize = 30522
  public var hiddenSize = 768
  public var layers = 12
  public var heads = 12
  public var intermediateSize = 3072
  public var maximumPositions = 512
  public var typeVocabularySize = 2
  public var hiddenDropout = 0.1
  public var attentionDropout = 0.1
  /// The head's dropout; `hiddenDropout` where nil.
  public var classifierDropout: Double?
  public var normEpsilon = 1e-12
  public var initializerRange = 0.02

  public init() {}

  /// Reads the keys of a `config.json` (or of a recipe's `model.configuration`); absent ones keep BERT-base's values.
  /// - Throws: `ModelError` that names the key.
  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    vocabularySize = try reader.positive("vocab_size", vocabularySize)
    hiddenSize = try reader.positive("hidden_size", hiddenSize)
    layers = try reader.positive("num_hidden_layers", layers)
    heads = try reader.positive("num_attention_heads", heads)
    intermediateSize = try reader.positive("intermediate_size", intermediateSize)
    maximumPositions = try reader.positive("max_position_embeddings", maximumPositions)
    typeVocabularySize = try reader.positive("type_vocab_size", typeVocabularySize)
    hiddenDropout = try reader.probability("hidden_dropout_prob") ?? hiddenDropout
    attentionDropout = try reader.probability("attention_probs_dropout_prob") ?? attentionDropout
    classifierDropout = try reader.probability("classifier_dropout")
    normEpsilon = try reader.number("layer_norm_eps") ?? normEpsilon
    initializerRange = try reader.number("initializer_range") ?? initializerRange
    try reader.require("hidden_act", oneOf: ["gelu"])
    try reader.require("position_embedding_type", oneOf: ["absolute"])
    try reader.require("model_type", oneOf: ["bert"])
    guard hiddenSize % heads == 0 else {
      throw ModelError(
        file: source, problem: "hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(heads)",
        remedy: "make it one")
    }
  }

  /// The keys as Hugging Face writes them.
  public var json: [String: Any] {
    [
      "architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_act": "gelu",
      "position_embedding_type": "absolute", "pad_token_id": 0, "vocab_size": vocabularySize,
      "hidden_size": hiddenSize, "num_hidden_layers": layers, "num_attention_heads": heads,
      "intermediate_size": intermediateSize, "max_position_embeddings": maximumPositions,
      "type_vocab_size": typeVocabularySize, "hidden_dropout_prob": hiddenDropout,
      "attention_probs_dropout_prob": attentionDropout, "classifier_dropout": classifierDropout ?? NSNull(),
      "layer_norm_eps": normEpsilon, "initializer_range": initializerRange,
    ]
  }
}

/// Typed reads of a JSON object, with errors that name the file and the key.
struct ConfigurationReader {
  let json: [String: Any]
  let source: String

  func number(_ key: String) throws -> Double? {
    guard let value = json[key], !(value is NSNull) else { return nil }
    if let integer = value as? Int { return Double(integer) }
    guard let number = value as? Double, number.isFinite else { throw wrong(key, "is not a number") }
    return number
  }

  func positive(_ key: String, _ fallback: Int) throws -> Int {
    guard let value = try number(key) else { return fallback }
    guard (1...0x1p30).contains(value), value == value.rounded() else {
      throw wrong(key, "is \(value), which is no positive whole number")
    }
    return Int(value)
  }

  func positives(_ key: String) throws -> [Int]? {
    guard let value = json[key], !(value is NSNull) else { return nil }
    guard let numbers = value as? [Any], !numbers.isEmpty else { throw wrong(key, "is no list of numbers") }
    return try numbers.map { number in
      guard let number = number as? Int, (1...1 << 20).contains(number) else {
        throw wrong(key, "holds \(number), which is no positive whole number")
      }
      return number
    }
  }

  func probability(_ key: String) throws -> Double? {
    guard let value = try number(key) else { return nil }
    guard (0..<1).contains(value) else { throw wrong(key, "is \(value), which is no probability below 1") }
    return value
  }

  func require(_ key: String, oneOf allowed: [String]) throws {
    guard let value = json[key], !(value is NSNull) else { return }
    guard let text = value as? String, allowed.contains(text) else {
      throw wrong(key, "is \(value), and only \(allowed.joined(separator: ", ")) can be computed here")
    }
  }

  private func wrong(_ key: String, _ problem: String) -> ModelError {
    ModelError(file: source, problem: "\(key) \(problem)", remedy: "correct it, or use another model")
  }
}
