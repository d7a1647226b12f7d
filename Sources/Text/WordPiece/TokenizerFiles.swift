import Support

/// What the files of a model's folder say of its tokenizer: tokenizer.json, tokenizer_config.json,
/// special_tokens_map.json, added_tokens.json and vocab.txt, read as transformers 5 reads them.
///
/// A key that would change the ids and is not computed here is an error that names it; the others are ignored.
public struct TokenizerFiles: Sendable {
  public let vocabulary: Vocabulary
  public let options: TokenizerOptions
  public let names: SpecialTokenNames
  /// Tokens of a row, special ones included (`model_max_length`); nil where the files do not say.
  public let maximumLength: Int?
  /// The text that loses tokens.
  public let truncationStrategy: Truncation.Strategy
  /// Whether the library reads tokenizer.json alone (`PreTrainedTokenizerFast`), and not by BERT's rules.
  public let isGeneric: Bool
  let added: [AddedTokens.Declared]

  /// The names of a vocabulary.
  static let folderNames = TokenizerFolder.Names(files: ["vocab.txt"], endings: [".txt"])

  /// - Parameters:
  ///   - vocabulary: a file that is read in place of the folder's own vocab.txt or tokenizer.json.
  /// - Throws: `FileError` or `VocabularyError`, naming the file and the key.
  public init(directory: String, vocabulary file: String? = nil) throws {
    try self.init(TokenizerFolder(directory: directory, vocabulary: file, names: Self.folderNames))
  }

  /// The tokenizer of a vocabulary that stands alone: a vocab.txt with the usual options, or all of a tokenizer.json.
  public init(vocabularyFile file: String) throws {
    try self.init(TokenizerFolder(file: file, names: Self.folderNames))
  }

  init(_ folder: TokenizerFolder) throws {
    let json = try TokenizerJSON(folder.json)
    try self.init(
      config: TokenizerConfig(try folder.file("tokenizer_config.json")), model: try folder.file("config.json"),
      json: json, special: try folder.file("special_tokens_map.json"), added: try folder.file("added_tokens.json"),
      vocabulary: try Self.vocabulary(folder, json: json))
  }

  private init(
    config: TokenizerConfig, model: JSONFile, json: TokenizerJSON?, special: JSONFile, added: JSONFile,
    vocabulary: Vocabulary
  ) throws {
    self.vocabulary = vocabulary
    isGeneric = try config.isGeneric(model: model, hasJSON: json != nil)
    var options = try isGeneric ? (json?.options() ?? TokenizerOptions()) : config.options(json: json, model: model)
    options.truncationSide = try config.truncationSide() ?? json?.truncationSide() ?? .right
    options.marksPairs = try config.marksPairs(isGeneric: isGeneric, model: model)
    self.options = options
    let declared = try DeclaredTokens(
      config: config, json: json?.json, special: special, added: added, isGeneric: isGeneric)
    names = declared.names
    self.added = declared.tokens
    maximumLength = try config.maximumLength()
    truncationStrategy = try config.truncationStrategy()
    try config.refuseOthers()
    try json?.refuseOthers(names: names, isGeneric: isGeneric)
  }

  private static func vocabulary(_ folder: TokenizerFolder, json: TokenizerJSON?) throws -> Vocabulary {
    if let file = folder.vocabulary, !file.hasSuffix(".json") { return try Vocabulary(contentsOfFile: file) }
    if let json { return try json.vocabulary() }
    guard let file = folder.path("vocab.txt") else { throw folder.missing }
    return try Vocabulary(contentsOfFile: file)
  }
}
