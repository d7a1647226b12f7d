/// How texts are read into ids, apart from the vocabulary and the tokens added to it; the defaults are those of the
/// reference.
public struct TokenizerOptions: Sendable, Equatable {
  public typealias Side = Truncation.Side

  /// Whether letters become lower case (`do_lower_case`).
  public var lowercase: Bool
  /// Whether accents are removed (`strip_accents`).
  public var stripAccents: Bool
  /// Whether every CJK ideograph is a separate word (`tokenize_chinese_chars`).
  public var tokenizeChineseCharacters: Bool
  /// Where long rows are cut (`truncation_side`).
  public var truncationSide = Side.right
  /// Whether the second segment of a pair has type 1 (`token_type_ids` among `model_input_names`), or 0 as the first.
  public var marksPairs = true

  /// Options by value; accents are removed where letters become lower case, unless it is said otherwise.
  public init(lowercase: Bool = true, stripAccents: Bool? = nil, tokenizeChineseCharacters: Bool = true) {
    self.lowercase = lowercase
    self.stripAccents = stripAccents ?? lowercase
    self.tokenizeChineseCharacters = tokenizeChineseCharacters
  }
}
