import Support

/// Cuts texts into the pieces of a vocabulary, with the ids that the Rust library `tokenizers` 0.23 gives, which
/// transformers 5 uses.
///
/// Added tokens are found first; then follow cleaning, CJK spacing, accents, lower case, white space and punctuation, and
/// the longest matching piece first (Devlin et al. 2018, arXiv:1810.04805; Wu et al. 2016, arXiv:1609.08144).
public struct WordPieceTokenizer: Tokenizer {
  /// `[CLS]`, `[SEP]` and one more.
  public static let shortestMaximumLength = TokenizerConfig.shortestMaximumLength

  public let vocabulary: Vocabulary
  public private(set) var options: TokenizerOptions
  public let names: SpecialTokenNames
  public let special: SpecialTokens
  private var unknown: Int32 { special.unknown ?? 0 }
  public let addedTokens: AddedTokens
  public let maximumLength: Int?
  private var truncationStrategy = Truncation.Strategy.longestFirst
  /// Whether the library reads tokenizer.json alone, whatever the other files say.
  public let isGeneric: Bool

  /// The tokenizer of a vocabulary with BERT's usual special tokens, and no other tokens added.
  ///
  /// - Throws: `VocabularyError` if a special token is missing.
  public init(vocabulary: Vocabulary, options: TokenizerOptions = TokenizerOptions()) throws {
    let names = SpecialTokenNames()
    let added = names.all.map {
      AddedTokens.Declared(token: AddedToken($0, isSpecial: true), file: vocabulary.file)
    }
    try self.init(
      vocabulary: vocabulary, options: options, names: names, added: added, maximumLength: nil, isGeneric: false)
  }

  /// The tokenizer that a model's files describe.
  ///
  /// - Throws: `VocabularyError` if a special token is missing, or an added one cannot have its id.
  public init(_ files: TokenizerFiles) throws {
    try self.init(
      vocabulary: files.vocabulary, options: files.options, names: files.names, added: files.added,
      maximumLength: files.maximumLength, isGeneric: files.isGeneric)
    truncationStrategy = files.truncationStrategy
  }

  /// The tokenizer of a model's directory.
  ///
  /// - Throws: `FileError` or `VocabularyError`.
  public init(directory: String) throws { try self.init(TokenizerFiles(directory: directory)) }

  private init(
    vocabulary: Vocabulary, options: TokenizerOptions, names: SpecialTokenNames, added: [AddedTokens.Declared],
    maximumLength: Int?, isGeneric: Bool
  ) throws {
    let addedTokens = try AddedTokens(added, vocabulary: vocabulary, options: options)
    special = try SpecialTokens(names, file: vocabulary.file) { name in
      if let id = vocabulary.id(of: name) { return id }
      // The library takes an unknown word's token from the vocabulary alone.
      let isNumbered = added.contains { $0.id != nil && $0.token.content.utf8.elementsEqual(name.utf8) }
      return isNumbered && name != names.unknown ? addedTokens.id(of: name) : nil
    }
    (self.vocabulary, self.options, self.names, self.addedTokens) = (vocabulary, options, names, addedTokens)
    (self.maximumLength, self.isGeneric) = (maximumLength, isGeneric)
  }

  public var file: String { vocabulary.file }
  public var vocabularyCount: Int { vocabulary.count }
  public var vocabularyHash: UInt64 { vocabulary.contentHash }
  public var shortestMaximumLength: Int { Self.shortestMaximumLength }
  public var marksPairs: Bool { options.marksPairs }
  public var truncation: Truncation {
    get { Truncation(truncationStrategy, side: options.truncationSide) }
    set { (truncationStrategy, options.truncationSide) = (newValue.strategy, newValue.side) }
  }

  public func addedToken(from id: Int) -> (spelling: String, id: Int)? {
    addedTokens.entries.first { $0.id >= id }.map { ($0.token.content, Int($0.id)) }
  }

  /// The number of ids: one more than the largest, added tokens included.
  public var tokenCount: Int { max(vocabulary.count, (addedTokens.entries.last.map { Int($0.id) } ?? 0) + 1) }

  /// All that the ids of a text depend on, but for the maximum length.
  public var fingerprint: [String] {
    var parts = [
      "WordPiece", "\(vocabulary.contentHash)", "\(vocabulary.count)", "\(options.lowercase)",
      "\(options.stripAccents)",
    ]
    parts += ["\(options.tokenizeChineseCharacters)", options.truncationSide.rawValue, "\(options.marksPairs)"]
    parts += ["\(unknown)", "\(special.classification)", "\(special.separator)"]
    for entry in addedTokens.entries {
      let token = entry.token
      parts += ["\(entry.id)", token.content, "\(token.isSingleWord)", "\(token.stripsLeft)", "\(token.stripsRight)"]
      parts.append("\(token.isNormalized)")
    }
    return parts
  }

  public var template: TokenTemplate {
    TokenTemplate(
      single: [.special(special.classification, type: 0), .text(type: 0), .special(special.separator, type: 0)],
      pair: [
        .special(special.classification, type: 0), .text(type: 0), .special(special.separator, type: 0),
        .pair(type: marksPairs ? 1 : 0), .special(special.separator, type: marksPairs ? 1 : 0),
      ])
  }

  public func tokens(of text: String, withOffsets: Bool) -> TextTokens {
    var text = text
    return text.withUTF8 { bytes in
      vocabulary.withLookup { lookup in
        var scan = TextScan(
          options: options, added: addedTokens, unknown: unknown, longestToken: vocabulary.longestToken,
          lookup: lookup)
        return scan.tokens(of: bytes, withOffsets: withOffsets)
      }
    }
  }

  /// The ids of a text's pieces, without special tokens around them.
  public func pieces(of text: String) -> [Int32] { tokens(of: text, withOffsets: false).ids }
}
