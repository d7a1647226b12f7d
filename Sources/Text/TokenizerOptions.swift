/// How texts are normalised before they are cut into pieces; the defaults are those of the reference.
public struct TokenizerOptions: Sendable, Equatable {
  /// Whether letters become lower case (`do_lower_case`).
  public var lowercase: Bool
  /// Whether accents are removed (`strip_accents`).
  public var stripAccents: Bool
  /// Whether every CJK ideograph is a word of its own (`tokenize_chinese_chars`).
  public var tokenizeChineseCharacters: Bool

  /// Options by value; accents are removed where letters become lower case, unless it is said otherwise.
  public init(lowercase: Bool = true, stripAccents: Bool? = nil, tokenizeChineseCharacters: Bool = true) {
    self.lowercase = lowercase
    self.stripAccents = stripAccents ?? lowercase
    self.tokenizeChineseCharacters = tokenizeChineseCharacters
  }

  /// The options that a model's directory gives: in tokenizer_config.json, else in tokenizer.json's normalizer, else in
  /// config.json, else the defaults.
  ///
  /// - Throws: `FileError` or `VocabularyError` if one of these files is there but is no JSON.
  public init(directory: String) throws {
    func read(_ name: String) throws -> JSONValue? {
      let file = "\(directory)/\(name)"
      guard FileReader.exists(file) else { return nil }
      let content = try FileReader.bytes(of: file)
      do { return try JSONParser.parse(content) } catch {
        throw VocabularyError.malformed(file: file, reason: "not JSON (\(error))")
      }
    }
    if let file = try read("tokenizer_config.json"), let lowercase = file["do_lower_case"]?.boolean {
      self.init(
        lowercase: lowercase, stripAccents: file["strip_accents"]?.boolean,
        tokenizeChineseCharacters: file["tokenize_chinese_chars"]?.boolean ?? true)
    } else if let normalizer = try read("tokenizer.json")?["normalizer"],
      let lowercase = normalizer["lowercase"]?.boolean
    {
      self.init(
        lowercase: lowercase, stripAccents: normalizer["strip_accents"]?.boolean,
        tokenizeChineseCharacters: normalizer["handle_chinese_chars"]?.boolean ?? true)
    } else {
      self.init(lowercase: try read("config.json")?["do_lower_case"]?.boolean ?? true)
    }
  }
}
