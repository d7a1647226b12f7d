import Support

/// The keys of a `config.json` that change what a model computes when it predicts.
enum ModelComputation {
  /// Every key with its value as text, without those that change nothing. A key that is not there, is null or is false counts
  /// as BERT's own value, or as not there.
  static func keys(of json: JSONValue) -> [String: String] {
    guard case .object(let members) = json else { return [:] }
    var isBert = true
    if case .string(let type)? = json["model_type"] { isBert = type == "bert" }
    var keys = isBert ? usual : [:]
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
    case .unsigned(let value): String(value)
    case .number(let value): Int(exactly: value).map(String.init) ?? String(value)
    case .string(let text): text.debugDescription
    case .array(let values): "[" + values.map(text).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\($0.key.debugDescription): \(text($0.value))" }.sorted().joined(separator: ", ") + "}"
    }
  }

  /// What BERT's configurations mean where they do not say it.
  private static let usual = [
    "model_type": text(.string("bert")), "hidden_act": text(.string("gelu")),
    "position_embedding_type": text(.string("absolute")),
    "problem_type": text(.string("single_label_classification")), "layer_norm_eps": text(.number(1e-12)),
    "vocab_size": "30522", "hidden_size": "768", "num_hidden_layers": "12", "num_attention_heads": "12",
    "intermediate_size": "3072", "max_position_embeddings": "512", "type_vocab_size": "2", "pad_token_id": "0",
    "chunk_size_feed_forward": "0",
  ]

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
