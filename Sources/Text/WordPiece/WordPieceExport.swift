import Support

extension TokenizerKind {
  static let wordPiece = TokenizerKind(
    modelType: "WordPiece", files: TokenizerFiles.folderNames.files, endings: TokenizerFiles.folderNames.endings
  ) {
    try WordPieceTokenizer(TokenizerFiles($0))
  }
}

extension WordPieceTokenizer {
  /// The vocabulary's file unchanged, and a tokenizer_config.json that states everything that decides the ids, though it
  /// be the default: defaults differ between versions and classes.
  public func exported(maximumLength: Int, readsTypes: Bool) throws -> [TokenizerFile] {
    let isJSON = file.hasSuffix(".json")
    let isGeneric = isGeneric && isJSON
    let inputs = ["input_ids"] + (marksPairs && readsTypes ? ["token_type_ids"] : []) + ["attention_mask"]
    let stated: [String: JSONValue] = [
      "tokenizer_class": .string(isGeneric ? "PreTrainedTokenizerFast" : "BertTokenizer"),
      "do_lower_case": .boolean(options.lowercase), "strip_accents": .boolean(options.stripAccents),
      "tokenize_chinese_chars": .boolean(options.tokenizeChineseCharacters),
      "truncation_side": .string(truncation.side.rawValue), "model_input_names": .array(inputs.map { .string($0) }),
      // Whoever reads long rows with this tokenizer cuts them where training did.
      "model_max_length": .integer(maximumLength), "added_tokens_decoder": addedTokensJSON,
      "additional_special_tokens": .array(otherSpecialTokens.map { .string($0) }),
    ].merging(namedTokens(isGeneric: isGeneric)) { $1 }
    let config = JSONValue.object(
      stated.sorted { $0.key < $1.key }.map { JSONValue.Member(key: $0.key, value: $0.value) }
    ).replacing(truncation.statedStrategy(instead: false))
    return [
      TokenizerFile(name: isJSON ? "tokenizer.json" : "vocab.txt", content: try FileReader.bytes(of: file)),
      TokenizerFile(name: "tokenizer_config.json", content: Array(config.text.utf8)),
    ]
  }

  /// The special tokens by their keys. Where tokenizer.json alone counts, a key would make an added token of one that is
  /// none.
  private func namedTokens(isGeneric: Bool) -> [String: JSONValue] {
    let all = [
      "cls_token": names.classification, "sep_token": names.separator, "pad_token": names.padding,
      "unk_token": names.unknown, "mask_token": names.mask,
    ]
    return all.filter { _, name in
      !isGeneric || addedTokens.entries.contains { $0.token.content.utf8.elementsEqual(name.utf8) }
    }.mapValues { .string($0) }
  }

  private var addedTokensJSON: JSONValue {
    .object(
      addedTokens.entries.map { entry in
        let token = entry.token
        let members: [(String, JSONValue)] = [
          ("content", .string(token.content)), ("single_word", .boolean(token.isSingleWord)),
          ("lstrip", .boolean(token.stripsLeft)), ("rstrip", .boolean(token.stripsRight)),
          ("normalized", .boolean(token.isNormalized)), ("special", .boolean(token.isSpecial)),
        ]
        return JSONValue.Member(
          key: String(entry.id), value: .object(members.map { JSONValue.Member(key: $0.0, value: $0.1) }))
      })
  }

  private var otherSpecialTokens: [String] {
    let named = [names.classification, names.separator, names.padding, names.unknown, names.mask]
    return addedTokens.entries.filter { $0.token.isSpecial && !named.contains($0.token.content) }
      .map(\.token.content)
  }
}
