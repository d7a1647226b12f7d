import Support

/// Puts a tokenizer together from its model and from what the files of its directory say of special tokens.
struct PipelineFiles {
  let folder: TokenizerFolder
  let config: TokenizerConfig
  private let model: JSONFile

  init(_ folder: TokenizerFolder) throws {
    self.folder = folder
    config = TokenizerConfig(try folder.file("tokenizer_config.json"))
    model = try folder.file("config.json")
  }

  /// The class of the tokenizer without `Fast`, or what config.json says of the model; nil where neither does.
  var className: String? {
    let name = config.json["tokenizer_class"]?.string ?? model["tokenizer_class"]?.string
    if let name { return name.hasSuffix("Fast") ? String(name.dropLast(4)) : name }
    return model["model_type"]?.string
  }

  /// A truth value of tokenizer_config.json.
  func flag(_ key: String, or usual: Bool) throws -> Bool { try config.json.boolean(key, or: usual) ?? usual }

  /// - Parameters:
  ///   - rules: special tokens by the class; nil where a tokenizer.json says all.
  ///   - files: those that hold the tokenizer, under the names that an export gives them.
  func tokenizer<Model: TokenModel>(
    _ model: Model, pipeline: Pipeline, rules: SpecialTokenRules?, files: [(name: String, path: String)]
  ) throws -> any Tokenizer {
    for key in ["split_special_tokens", "add_bos_token", "add_eos_token"] {
      try config.json.refuse(key) { $0.boolean == false }
    }
    let json = rules == nil ? folder.json : nil
    let declared = try DeclaredTokens(
      config: config, json: json, special: try folder.file("special_tokens_map.json"),
      added: try folder.file("added_tokens.json"), isGeneric: true)
    let vocabulary = model.vocabulary
    let added = try AddedTokens(
      rules?.completed(declared, file: vocabulary.file) ?? declared.tokens,
      base: AddedTokens.Base(
        file: vocabulary.file, count: vocabulary.count, distinctCount: vocabulary.distinctCount,
        id: { vocabulary.id(of: $0) }, normalize: { pipeline.normalized($0) }))
    func id(_ key: String, _ usual: [String]) -> Int32? {
      let names = declared.name(key).map { [$0] } ?? rules?.name(key).map { [$0] } ?? usual
      return names.lazy.compactMap { added.id(of: $0) ?? vocabulary.id(of: $0) }.first
    }
    var template: TokenTemplate
    if let rules {
      guard let first = id("cls_token", []), let last = id("sep_token", []) else {
        let names = ["cls_token", "sep_token"].map { declared.name($0) ?? rules.name($0) ?? $0 }
        throw VocabularyError.missingSpecialTokens(file: vocabulary.file, tokens: names)
      }
      template = .around(first, last, doubled: rules.doublesSeparator, pairType: rules.pairType)
    } else {
      template = try PipelineJSON(folder.json).template()
    }
    if try !statesTypes() { template = template.withoutTypes }
    let special = try specialTokens(template, unknown: model.unknown, file: vocabulary.file, id)
    let side = try config.truncationSide() ?? TokenizerJSON.truncationSide(folder.json) ?? .right
    let tokenizer = PipelineTokenizer(
      model: model, pipeline: pipeline, added: added, special: special, template: template,
      maximumLength: try config.maximumLength(), truncation: Truncation(try config.truncationStrategy(), side: side),
      files: TokenizerSources(folder, files: files))
    guard template.largest < tokenizer.tokenCount else {
      throw VocabularyError.malformed(
        file: folder.json.file, reason: "post_processor gives the id \(template.largest), which no token has")
    }
    return tokenizer
  }

  /// Whether the model may be given types of tokens.
  private func statesTypes() throws -> Bool {
    guard let value = config.json["model_input_names"], !value.isNull else { return true }
    return try config.marksPairs(isGeneric: true, model: model)
  }

  private func specialTokens(
    _ template: TokenTemplate, unknown: Int32?, file: String, _ id: (String, [String]) -> Int32?
  ) throws -> SpecialTokens {
    guard let first = template.marks.first ?? id("cls_token", []),
      let last = template.marks.last ?? id("sep_token", [])
    else {
      throw VocabularyError.unsupported(
        file: file, problem: "no special tokens stand around a text", remedy: "use the tokenizer of an encoder")
    }
    return SpecialTokens(
      padding: id("pad_token", ["<pad>", "[PAD]"]), unknown: unknown ?? id("unk_token", ["<unk>", "[UNK]"]),
      classification: first, separator: last, mask: id("mask_token", ["<mask>", "[MASK]"]))
  }
}

/// The special tokens that a class of tokenizers has where no tokenizer.json says so.
struct SpecialTokenRules {
  /// By their keys, in the order in which they are added.
  let tokens: [(key: String, token: AddedToken)]
  /// Whether two separators stand between the texts of a pair.
  let doublesSeparator: Bool
  /// The type of the second text.
  let pairType: Int32

  func name(_ key: String) -> String? { tokens.first { $0.key == key }?.token.content }

  /// What the files declare, and what they do not: how a token is looked for where they give its spelling alone, and
  /// the tokens that they leave out.
  func completed(_ declared: DeclaredTokens, file: String) -> [AddedTokens.Declared] {
    func isSame(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }
    var all = declared.tokens
    for (key, usual) in tokens {
      var token = usual
      token.content = declared.name(key) ?? usual.content
      if let place = all.firstIndex(where: { isSame($0.token.content, token.content) }) {
        if all[place].isPlain { all[place].token = token }
      } else {
        all.append(AddedTokens.Declared(token: token, file: file))
      }
    }
    return all
  }

  private static func special(_ spelling: String, strips: Bool = false, normalized: Bool = false) -> AddedToken {
    var token = AddedToken(spelling, isSpecial: true, isNormalized: normalized)
    token.stripsLeft = strips
    return token
  }

  /// RoBERTa, XLM-R and their kin.
  static let roberta = SpecialTokenRules(
    tokens: [
      ("cls_token", special("<s>")), ("pad_token", special("<pad>")), ("sep_token", special("</s>")),
      ("unk_token", special("<unk>")), ("mask_token", special("<mask>", strips: true)),
    ], doublesSeparator: true, pairType: 0)

  static let deberta = SpecialTokenRules(
    tokens: [
      ("pad_token", special("[PAD]")), ("cls_token", special("[CLS]")), ("sep_token", special("[SEP]")),
      ("unk_token", special("[UNK]", normalized: true)), ("mask_token", special("[MASK]")),
    ], doublesSeparator: false, pairType: 1)

  static let albert = SpecialTokenRules(
    tokens: [
      ("pad_token", special("<pad>")), ("unk_token", special("<unk>")), ("cls_token", special("[CLS]")),
      ("sep_token", special("[SEP]")), ("mask_token", special("[MASK]", strips: true)),
    ], doublesSeparator: false, pairType: 1)
}

extension TokenTemplate {
  /// The largest id of a special token.
  var largest: Int {
    (single + pair).reduce(-1) { largest, part in
      if case .special(let id, _) = part { max(largest, Int(id)) } else { largest }
    }
  }
}
