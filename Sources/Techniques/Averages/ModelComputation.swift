import Models
import Support

/// The keys of a `config.json` that change what a model computes when it predicts.
enum ModelComputation {
  /// Every key with its value as text, without those that change nothing. A key that is not there, is null or is false counts
  /// as the family's own value, or as not there.
  static func keys(of json: JSONValue) -> [String: String] {
    guard case .object(let members) = json else { return [:] }
    var type: String?
    if case .string(let text)? = json["model_type"] { type = text }
    var keys = usual(type)
    for member in members where !ignored.contains(member.key) {
      switch member.value {
      case .null, .boolean(false): continue
      case let value: keys[member.key] = text(value)
      }
    }
    return keys
  }

  /// A value as text that is the same for equal values: members in order, whole numbers without a point.
  static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): Int(exactly: value).map(String.init) ?? String(value)
    case .string(let text): text.debugDescription
    case .array(let values): "[" + values.map(text).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\($0.key.debugDescription): \(text($0.value))" }.sorted().joined(separator: ", ") + "}"
    }
  }

  /// What configurations mean where they do not say it; nothing where the family is not computed here.
  private static func usual(_ modelType: String?) -> [String: String] {
    guard let family = EncoderFamilies.family(of: modelType) else { return [:] }
    var keys = [
      "model_type": text(.string(modelType ?? family.modelTypes[0])), "chunk_size_feed_forward": "0",
      "problem_type": text(.string("single_label_classification")),
    ]
    for (key, value) in family.init().json where !ignored.contains(key) {
      switch value {
      case let value as Bool where value == false: continue
      case let value as Bool: keys[key] = text(.boolean(value))
      case let value as Int: keys[key] = text(.integer(value))
      case let value as Double: keys[key] = text(.number(value))
      case let value as String: keys[key] = text(.string(value))
      default: continue
      }
    }
    return keys
  }

  /// Names, notes of programs, and what only training reads.
  private static let ignored: Set = [
    "architectures", "_name_or_path", "name_or_path", "transformers_version", "torch_dtype", "dtype", "id2label",
    "label2id", "num_labels", "_num_labels", "finetuning_task", "hidden_dropout_prob", "attention_probs_dropout_prob",
    "classifier_dropout", "classifier_dropout_prob", "dropout", "attention_dropout", "seq_classif_dropout",
    "embedding_dropout", "mlp_dropout", "initializer_range", "initializer_factor", "use_cache",
    "gradient_checkpointing", "output_attentions", "output_hidden_states", "output_past", "return_dict",
    "torchscript", "norm_momentum", "language", "directionality", "bos_token_id", "eos_token_id", "sep_token_id",
    "cls_token_id", "mask_token_id", "tie_word_embeddings", "_attn_implementation", "attn_implementation",
  ]
}
