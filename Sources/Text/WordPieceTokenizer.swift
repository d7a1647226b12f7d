import Support

/// The input of a BERT model for one row, without padding.
public struct Encoding: Sendable, Equatable {
  /// `[CLS] text [SEP]`, or `[CLS] text [SEP] pair [SEP]`.
  public var ids: [Int32]
  /// 0 for the first segment, 1 for the second; as many as ids.
  public var typeIDs: [Int32]

  public init(ids: [Int32], typeIDs: [Int32]) {
    self.ids = ids
    self.typeIDs = typeIDs
  }
}

/// Cuts texts into the pieces of a vocabulary, with the ids that the Rust library `tokenizers` 0.23 gives, which
/// transformers 5 uses.
///
/// Added tokens are found first; then follow cleaning, CJK spacing, accents, lower case, white space and punctuation, and
/// the longest matching piece first (Devlin et al. 2018, arXiv:1810.04805; Wu et al. 2016, arXiv:1609.08144).
public struct WordPieceTokenizer: Sendable {
  /// The shortest maximum length: `[CLS]`, `[SEP]` and one more.
  public static let shortestMaximumLength = 3

  public let vocabulary: Vocabulary
  public let options: TokenizerOptions
  public let names: SpecialTokenNames
  public let special: SpecialTokens
  public let addedTokens: AddedTokens

  /// The tokenizer of a vocabulary with BERT's usual special tokens, and no other tokens added.
  ///
  /// - Throws: `VocabularyError` if a special token is missing.
  public init(vocabulary: Vocabulary, options: TokenizerOptions = TokenizerOptions()) throws {
    let names = SpecialTokenNames()
    let added = names.all.map {
      AddedTokens.Declared(token: AddedToken($0, isSpecial: true), file: vocabulary.file)
    }
    try self.init(vocabulary: vocabulary, options: options, names: names, added: added)
  }

  /// The tokenizer that a model's files describe.
  ///
  /// - Throws: `VocabularyError` if a special token is missing, or an added one cannot have its id.
  public init(_ files: TokenizerFiles) throws {
    try self.init(vocabulary: files.vocabulary, options: files.options, names: files.names, added: files.added)
  }

  /// The tokenizer of a model's directory.
  ///
  /// - Throws: `FileError` or `VocabularyError`.
  public init(directory: String) throws { try self.init(TokenizerFiles(directory: directory)) }

  private init(
    vocabulary: Vocabulary, options: TokenizerOptions, names: SpecialTokenNames, added: [AddedTokens.Declared]
  ) throws {
    let addedTokens = try AddedTokens(added, vocabulary: vocabulary, options: options)
    special = try SpecialTokens(names, file: vocabulary.file) { name in
      if let id = vocabulary.id(of: name) { return id }
      // The library takes an unknown word's token from the vocabulary alone.
      let isNumbered = added.contains { $0.id != nil && $0.token.content.utf8.elementsEqual(name.utf8) }
      return isNumbered && name != names.unknown ? addedTokens.id(of: name) : nil
    }
    (self.vocabulary, self.options, self.names, self.addedTokens) = (vocabulary, options, names, addedTokens)
  }

  /// The number of ids: one more than the largest, added tokens included.
  public var tokenCount: Int { max(vocabulary.count, (addedTokens.entries.last.map { Int($0.id) } ?? 0) + 1) }

  /// All that the ids of a text depend on, but for the maximum length.
  package var fingerprint: [String] {
    var parts = ["\(vocabulary.contentHash)", "\(vocabulary.count)", "\(options.lowercase)", "\(options.stripAccents)"]
    parts += ["\(options.tokenizeChineseCharacters)", options.truncationSide.rawValue, "\(options.marksPairs)"]
    parts += ["\(special.unknown)", "\(special.classification)", "\(special.separator)"]
    for entry in addedTokens.entries {
      let token = entry.token
      parts += ["\(entry.id)", token.content, "\(token.isSingleWord)", "\(token.stripsLeft)", "\(token.stripsRight)"]
      parts.append("\(token.isNormalized)")
    }
    return parts
  }

  /// The ids of a text, or of a pair of texts, with the special tokens, cut to a maximum length.
  ///
  /// - Parameter maximumLength: at least 3, special tokens included.
  public func encode(_ text: String, pair: String? = nil, maximumLength: Int) -> Encoding {
    precondition(
      maximumLength >= Self.shortestMaximumLength,
      "a maximum length of \(maximumLength) is below \(Self.shortestMaximumLength)")
    var first = pieces(of: text)
    guard let pair else {
      keep(maximumLength - 2, of: &first)
      let ids = assemble(first, nil)
      return Encoding(ids: ids, typeIDs: [Int32](repeating: 0, count: ids.count))
    }
    var second = pieces(of: pair)
    let kept = Self.lengths(first.count, second.count, maximum: maximumLength - 3)
    keep(kept.first, of: &first)
    keep(kept.second, of: &second)
    let ids = assemble(first, second)
    var typeIDs = [Int32](repeating: 0, count: ids.count)
    if options.marksPairs {
      for index in first.count + 2..<ids.count { typeIDs[index] = 1 }
    }
    return Encoding(ids: ids, typeIDs: typeIDs)
  }

  /// The ids of a text's pieces, without special tokens around them.
  public func pieces(of text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { bytes in
      vocabulary.withLookup { lookup in
        var scan = TextScan(
          options: options, added: addedTokens, unknown: special.unknown, longestToken: vocabulary.longestToken,
          lookup: lookup)
        return scan.pieces(of: bytes)
      }
    }
  }

  private func assemble(_ first: [Int32], _ second: [Int32]?) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(first.count + (second?.count ?? 0) + 3)
    ids.append(special.classification)
    ids += first
    ids.append(special.separator)
    guard let second else { return ids }
    ids += second
    ids.append(special.separator)
    return ids
  }

  private func keep(_ count: Int, of tokens: inout [Int32]) {
    let excess = max(0, tokens.count - max(0, count))
    switch options.truncationSide {
    case .right: tokens.removeLast(excess)
    case .left: tokens.removeFirst(excess)
    }
  }

  /// How many tokens two texts keep: the library's `longest_first`. The longer one gives until both are equal or all
  /// fit; what is left is halved, and an odd token is the longer text's, the second's where both are equal.
  static func lengths(_ first: Int, _ second: Int, maximum: Int) -> (first: Int, second: Int) {
    guard first + second > maximum else { return (first, second) }
    let shorter = min(first, second)
    var (short, long) = (shorter, max(shorter, maximum - shorter))
    if short + long > maximum { (short, long) = (maximum / 2, maximum - maximum / 2) }
    return first > second ? (long, short) : (short, long)
  }
}
