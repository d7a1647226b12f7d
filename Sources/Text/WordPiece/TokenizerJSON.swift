import Support

/// A tokenizer.json of the library `tokenizers` that holds a WordPiece tokenizer by BERT's rules.
struct TokenizerJSON {
  let json: JSONFile

  /// Nil where the file is missing.
  /// - Throws: `VocabularyError` where it holds another kind of tokenizer.
  init?(_ json: JSONFile) throws {
    guard json.root != nil else { return nil }
    self.json = json
    guard let model = json["model"] else {
      throw VocabularyError.malformed(file: json.file, reason: "no object model.vocab")
    }
    if let kind = model["type"], kind.string != "WordPiece" {
      throw VocabularyError.unsupported(
        file: json.file, problem: "model.type is \(kind.phrase), and only WordPiece is computed here",
        remedy: "use a model with a WordPiece tokenizer")
    }
  }

  func vocabulary() throws -> Vocabulary { try Vocabulary(json: json.root ?? .null, file: json.file) }

  private func stated(_ key: String) throws -> Bool? {
    guard let value = json["normalizer"]?[key], !value.isNull else { return nil }
    guard let boolean = value.boolean else { throw json.wrong("normalizer.\(key)", value, "give true or false") }
    return boolean
  }

  func statedAccents() throws -> Bool? { try stated("strip_accents") }

  /// The options of the normalizer.
  func options() throws -> TokenizerOptions {
    TokenizerOptions(
      lowercase: try stated("lowercase") ?? true, stripAccents: try statedAccents(),
      tokenizeChineseCharacters: try stated("handle_chinese_chars") ?? true)
  }

  func truncationSide() throws -> TokenizerOptions.Side? {
    guard let value = json["truncation"]?["direction"], !value.isNull else { return nil }
    guard let side = value.string.flatMap({ TokenizerOptions.Side(rawValue: $0.lowercased()) }) else {
      throw json.wrong("truncation.direction", value, "give Left or Right")
    }
    return side
  }

  /// Everything else that decides the ids must be what BERT does.
  func refuseOthers(names: SpecialTokenNames, isGeneric: Bool) throws {
    try require("normalizer", type: "BertNormalizer")
    try require("pre_tokenizer", type: "BertPreTokenizer")
    if try stated("clean_text") == false {
      throw json.wrong("normalizer.clean_text", .boolean(false), "use a model without it")
    }
    try require("model.unk_token", is: names.unknown, json["model"]?["unk_token"])
    try require("model.continuing_subword_prefix", is: "##", json["model"]?["continuing_subword_prefix"])
    if let longest = json["model"]?["max_input_chars_per_word"], longest.integer != TextScan.longestWord {
      throw json.wrong("model.max_input_chars_per_word", longest, "use a model with \(TextScan.longestWord)")
    }
    guard PostProcessor(json["post_processor"]).isBert(names) else {
      throw VocabularyError.unsupported(
        file: json.file,
        problem: "post_processor is not BERT's (\(names.classification) A \(names.separator), for pairs "
          + "\(names.classification) A \(names.separator) B \(names.separator))", remedy: "use a model with BERT's")
    }
  }

  private func require(_ key: String, type: String) throws {
    let found = json[key]?["type"] ?? .null
    guard found.string == type else {
      throw VocabularyError.unsupported(
        file: json.file, problem: "\(key) is \(found.phrase), and only \(type) is computed here",
        remedy: "use a model with BERT's \(key)")
    }
  }

  private func require(_ key: String, is wanted: String, _ value: JSONValue?) throws {
    guard let value, value.string.map({ !$0.utf8.elementsEqual(wanted.utf8) }) ?? true else { return }
    throw VocabularyError.unsupported(
      file: json.file, problem: "\(key) is \(value.phrase), not \(wanted)", remedy: "use a model where both agree")
  }
}

/// The post-processor of a tokenizer.json: which special tokens stand around the texts.
struct PostProcessor {
  let json: JSONValue

  init(_ json: JSONValue?) { self.json = json ?? .null }

  /// The names of the first and the last token around a text alone, where it has BERT's form.
  var marks: (first: String, last: String)? {
    switch json["type"]?.string {
    case "BertProcessing":
      guard let first = json["cls"]?.elements?.first?.string, let last = json["sep"]?.elements?.first?.string else {
        return nil
      }
      return (first, last)
    case "TemplateProcessing":
      guard let single = json["single"]?.elements, single.count == 3, let first = Self.special(single[0], type: 0),
        Self.isText(single[1], "A", type: 0), let last = Self.special(single[2], type: 0)
      else { return nil }
      return (first, last)
    default: return nil
    }
  }

  /// Whether texts and pairs get BERT's tokens, with these names.
  func isBert(_ names: SpecialTokenNames) -> Bool {
    guard let marks, Self.isSame(marks.first, names.classification), Self.isSame(marks.last, names.separator) else {
      return false
    }
    guard json["type"]?.string == "TemplateProcessing" else { return true }
    guard let pair = json["pair"]?.elements, pair.count == 5 else { return false }
    func isSeparator(_ index: Int, type: Int) -> Bool {
      Self.special(pair[index], type: type).map { Self.isSame($0, names.separator) } ?? false
    }
    return Self.special(pair[0], type: 0).map { Self.isSame($0, names.classification) } ?? false
      && Self.isText(pair[1], "A", type: 0) && isSeparator(2, type: 0) && Self.isText(pair[3], "B", type: 1)
      && isSeparator(4, type: 1)
  }

  private static func isSame(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

  private static func special(_ part: JSONValue, type: Int) -> String? {
    guard let token = part["SpecialToken"], token["type_id"]?.integer == type else { return nil }
    return token["id"]?.string
  }

  private static func isText(_ part: JSONValue, _ name: String, type: Int) -> Bool {
    part["Sequence"]?["id"]?.string == name && part["Sequence"]?["type_id"]?.integer == type
  }
}
