import Foundation
import Text

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
  /// The id of `[PAD]`, with which nothing is computed here; nil where the file says null.
  public var paddingID: Int? = 0

  public init() {}

  /// Reads the keys of a `config.json` (or of a recipe's `model.configuration`); absent ones keep BERT-base's values.
  /// - Throws: `ModelError` that names the key.
  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    try reader.require("model_type", oneOf: ["bert"])
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
    normEpsilon = try reader.atLeastZero("layer_norm_eps") ?? normEpsilon
    initializerRange = try reader.atLeastZero("initializer_range") ?? initializerRange
    let padding = try reader.atLeastZero("pad_token_id")
    paddingID = json["pad_token_id"] is NSNull ? nil : padding.map { Int(min($0, 0x1p30)) } ?? 0
    try reader.require("hidden_act", oneOf: ["gelu"])
    try reader.require("position_embedding_type", oneOf: ["absolute"])
    for key in ["is_decoder", "add_cross_attention", "is_encoder_decoder"] { try reader.refuse(key) }
    for key in ["pruned_heads", "quantization_config", "auto_map"] { try reader.refuse(key) }
    guard maximumPositions >= 3 else {
      throw ModelError(
        file: source,
        problem: "max_position_embeddings is \(maximumPositions), which leaves no room for [CLS], [SEP] and a token",
        remedy: "make it at least 3")
    }
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
      "position_embedding_type": "absolute", "pad_token_id": paddingID ?? NSNull(), "vocab_size": vocabularySize,
      "hidden_size": hiddenSize, "num_hidden_layers": layers, "num_attention_heads": heads,
      "intermediate_size": intermediateSize, "max_position_embeddings": maximumPositions,
      "type_vocab_size": typeVocabularySize, "hidden_dropout_prob": hiddenDropout,
      "attention_probs_dropout_prob": attentionDropout, "classifier_dropout": classifierDropout ?? NSNull(),
      "layer_norm_eps": normEpsilon, "initializer_range": initializerRange,
    ]
  }
}

extension BertConfiguration {
  /// - Throws: `ModelError` where a tokenizer gives ids that the word embedding does not have, naming the file and the
  ///   first token beyond.
  public func checkIDs(of tokenizer: any Tokenizer) throws {
    let file = tokenizer.file
    guard tokenizer.vocabularyCount <= vocabularySize else {
      throw ModelError(
        file: file,
        problem: "has \(tokenizer.vocabularyCount) tokens, and the model's vocab_size is \(vocabularySize)",
        remedy: "use the vocabulary that belongs to the model")
    }
    guard let beyond = tokenizer.addedToken(from: vocabularySize) else { return }
    throw ModelError(
      file: file,
      problem:
        "and the files next to it give the added token \(beyond.spelling) the id \(beyond.id), and the model's "
        + "vocab_size is \(vocabularySize)",
      remedy: "remove the token, or use the tokenizer that belongs to the model")
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
      throw wrong(key, "is \(value), which is not a positive whole number")
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

  func atLeastZero(_ key: String) throws -> Double? {
    guard let value = try number(key) else { return nil }
    guard value >= 0 else { throw wrong(key, "is \(value), which is negative") }
    return value
  }

  /// Refuses a key unless it is false, empty or null, which change nothing.
  func refuse(_ key: String) throws {
    guard let value = json[key], !(value is NSNull) else { return }
    if let list = value as? [Any], list.isEmpty { return }
    if let object = value as? [String: Any], object.isEmpty { return }
    if (value as? [Any]) == nil, (value as? [String: Any]) == nil, value as? Bool == false { return }
    let phrase =
      value is [Any] || value is [String: Any] ? "is given" : "is \(value as? Bool == true ? "true" : "\(value)")"
    throw wrong(key, "\(phrase), which is not computed here")
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
