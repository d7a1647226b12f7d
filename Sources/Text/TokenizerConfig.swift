import Support

/// The keys of a tokenizer_config.json that decide which ids a text gets.
struct TokenizerConfig {
  let json: JSONFile

  /// The start, the end and one more.
  static let shortestMaximumLength = 3

  init(_ json: JSONFile) { self.json = json }

  /// Tokenizer classes that follow BERT's rules, and whether the second text of a pair gets type 1 by default.
  private static let classes = [
    "BertTokenizer": true, "ElectraTokenizer": true, "DistilBertTokenizer": false,
  ]
  /// Tokenizer classes that follow tokenizer.json alone.
  private static let genericClasses = ["PreTrainedTokenizer", "TokenizersBackend"]

  /// The class without the suffix that distinguished the library's own from those in Python.
  private func className(model: JSONFile) -> (name: String?, source: JSONFile) {
    let source = json["tokenizer_class"]?.string == nil ? model : json
    let name = source["tokenizer_class"]?.string
    return (name.map { $0.hasSuffix("Fast") ? String($0.dropLast(4)) : $0 }, source)
  }

  /// Whether the class follows tokenizer.json alone.
  /// - Throws: `VocabularyError` for a class that cuts texts by other rules.
  func isGeneric(model: JSONFile, hasJSON: Bool) throws -> Bool {
    let (name, source) = className(model: model)
    guard let name, Self.classes[name] == nil else { return false }
    guard Self.genericClasses.contains(name), hasJSON else {
      let known = Self.classes.keys.sorted() + ["PreTrainedTokenizerFast (with tokenizer.json)"]
      throw VocabularyError.unsupported(
        file: source.file, problem: "tokenizer_class \(name) is not computed here",
        remedy: "use a model with one of " + known.joined(separator: ", "))
    }
    return true
  }

  /// Each option here, else in tokenizer.json, else the default.
  func options(json tokenizer: TokenizerJSON?, model: JSONFile) throws -> TokenizerOptions {
    let fallback = try tokenizer?.options()
    let lowercase = try json.boolean("do_lower_case") ?? fallback?.lowercase ?? model.boolean("do_lower_case") ?? true
    let accents: Bool? =
      json["strip_accents"] == nil
      ? try tokenizer?.statedAccents() : try json.boolean("strip_accents", or: lowercase)
    return TokenizerOptions(
      lowercase: lowercase, stripAccents: accents,
      tokenizeChineseCharacters: try json.boolean("tokenize_chinese_chars") ?? fallback?.tokenizeChineseCharacters
        ?? true)
  }

  func truncationSide() throws -> TokenizerOptions.Side? {
    guard let value = json["truncation_side"], !value.isNull else { return nil }
    guard let side = value.string.flatMap(TokenizerOptions.Side.init) else {
      throw json.wrong("truncation_side", value, "give left or right")
    }
    return side
  }

  /// The text that loses tokens; our own key, which transformers leaves to its callers.
  func truncationStrategy() throws -> Truncation.Strategy {
    guard let value = json["truncation_strategy"], !value.isNull else { return .longestFirst }
    guard let strategy = value.string.flatMap(Truncation.Strategy.init) else {
      throw json.wrong("truncation_strategy", value, "give longest_first, only_first or only_second")
    }
    return strategy
  }

  /// Whether the model is given the types of tokens, which the class decides where the file does not.
  func marksPairs(isGeneric: Bool, model: JSONFile) throws -> Bool {
    guard let value = json["model_input_names"], !value.isNull else {
      return !isGeneric && className(model: model).name.map { Self.classes[$0] ?? true } ?? true
    }
    guard let names = value.elements?.map(\.string), names.contains("input_ids") else {
      throw json.wrong("model_input_names", value, "list input_ids, attention_mask and perhaps token_type_ids")
    }
    return names.contains("token_type_ids")
  }

  /// Lengths beyond every model's, with which the library says that there is none, are none.
  func maximumLength() throws -> Int? {
    let key = json["model_max_length"] == nil ? "max_len" : "model_max_length"
    guard let value = json[key], !value.isNull else { return nil }
    if case .number(let number) = value, number > 1e9 { return nil }
    if case .unsigned = value { return nil }
    guard let length = value.integer, length >= Self.shortestMaximumLength else {
      throw json.wrong(key, value, "give a whole number from \(Self.shortestMaximumLength)")
    }
    return length > 1_000_000_000 ? nil : length
  }

  /// Keys that older tokenizers obey, or that read special tokens otherwise.
  func refuseOthers() throws {
    for key in ["do_basic_tokenize", "clean_text"] { try json.refuse(key) { $0.boolean == true } }
    for key in ["split_special_tokens", "add_bos_token", "add_eos_token"] {
      try json.refuse(key) { $0.boolean == false }
    }
    for key in ["never_split", "auto_map"] {
      try json.refuse(key) { $0.elements?.isEmpty ?? $0.members?.isEmpty ?? false }
    }
    for key in ["wordpieces_prefix", "continuing_subword_prefix"] { try json.refuse(key) { $0.string == "##" } }
  }
}
