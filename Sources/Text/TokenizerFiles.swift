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
  /// Whether the library reads tokenizer.json alone (`PreTrainedTokenizerFast`), and not by BERT's rules.
  public let isGeneric: Bool
  let added: [AddedTokens.Declared]

  /// - Parameters:
  ///   - vocabulary: a file that is read in place of the folder's own vocab.txt or tokenizer.json.
  /// - Throws: `FileError` or `VocabularyError`, naming the file and the key.
  public init(directory: String, vocabulary file: String? = nil) throws {
    let own = "\(directory)/tokenizer.json"
    let jsonFile = file.flatMap { $0.hasSuffix(".json") ? $0 : nil } ?? own
    let config = TokenizerConfig(try JSONFile(directory + "/tokenizer_config.json"))
    let model = try JSONFile(directory + "/config.json")
    let json = try TokenizerJSON(try JSONFile(jsonFile, isNeeded: jsonFile == file))
    try self.init(
      config: config, model: model, json: json,
      special: try JSONFile(directory + "/special_tokens_map.json"),
      added: try JSONFile(directory + "/added_tokens.json"),
      vocabulary: try Self.vocabulary(file, in: directory, json: json))
  }

  /// The tokenizer of a vocabulary that stands alone: a vocab.txt with the usual options, or all of a tokenizer.json.
  public init(vocabularyFile file: String) throws {
    let json = try TokenizerJSON(file.hasSuffix(".json") ? JSONFile(file, isNeeded: true) : JSONFile(none: file))
    try self.init(
      config: TokenizerConfig(JSONFile(none: file)), model: JSONFile(none: file), json: json,
      special: JSONFile(none: file), added: JSONFile(none: file),
      vocabulary: try json?.vocabulary() ?? Vocabulary(contentsOfFile: file))
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
      config: config, json: json, special: special, added: added, isGeneric: isGeneric)
    names = declared.names
    self.added = declared.tokens
    maximumLength = try config.maximumLength()
    try config.refuseOthers()
    try json?.refuseOthers(names: names, isGeneric: isGeneric)
  }

  private static func vocabulary(_ file: String?, in directory: String, json: TokenizerJSON?) throws -> Vocabulary {
    if let file, !file.hasSuffix(".json") { return try Vocabulary(contentsOfFile: file) }
    if let json { return try json.vocabulary() }
    guard FileReader.exists(directory + "/vocab.txt") else { throw VocabularyError.missing(directory: directory) }
    return try Vocabulary(contentsOfFile: directory + "/vocab.txt")
  }
}

/// A JSON file of a model's folder, whose keys are named in errors.
struct JSONFile {
  let file: String
  /// Nil where the file is missing.
  let root: JSONValue?

  /// - Parameter isNeeded: whether a missing file is an error.
  init(_ file: String, isNeeded: Bool = false) throws {
    self.file = file
    guard isNeeded || FileReader.exists(file) else {
      root = nil
      return
    }
    let content = try FileReader.bytes(of: file)
    do { root = try JSONParser.parse(content) } catch {
      throw VocabularyError.malformed(file: file, reason: "not JSON (\(error))")
    }
    guard root?.members != nil else {
      throw VocabularyError.malformed(file: file, reason: "not a JSON object")
    }
  }

  /// A file that is not there.
  init(none file: String) {
    self.file = file
    root = nil
  }

  subscript(key: String) -> JSONValue? { root?[key] }

  /// A truth value; nil where the key is missing.
  func boolean(_ key: String, or null: Bool? = nil) throws -> Bool? {
    guard let value = root?[key] else { return nil }
    if value.isNull, let null { return null }
    guard let boolean = value.boolean else { throw wrong(key, value, "give true or false") }
    return boolean
  }

  /// Refuses a key whose value is none of those that change nothing; null is one of them.
  func refuse(_ key: String, unless isHarmless: (JSONValue) -> Bool) throws {
    guard let value = root?[key], !value.isNull, !isHarmless(value) else { return }
    throw wrong(key, value, "use a model without it")
  }

  func wrong(_ key: String, _ value: JSONValue, _ remedy: String) -> VocabularyError {
    .unsupported(file: file, problem: "\(key) is \(value.phrase), which is not computed here", remedy: remedy)
  }
}
