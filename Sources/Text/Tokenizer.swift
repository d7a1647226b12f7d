import Support

/// Cuts texts into tokens and gives their ids, as the files of a model say.
public protocol Tokenizer: Sendable {
  /// The vocabulary's file, for messages.
  var file: String { get }
  /// One more than the largest id, added tokens included.
  var tokenCount: Int { get }
  /// One more than the largest id of the vocabulary, without tokens that are added to it.
  var vocabularyCount: Int { get }
  /// A hash of the vocabulary, whichever file it was read from.
  var vocabularyHash: UInt64 { get }
  /// All that the ids of a text depend on, but for the maximum length and the strategy of truncation.
  var fingerprint: [String] { get }
  /// The first of the added tokens whose id is not below another.
  func addedToken(from id: Int) -> (spelling: String, id: Int)?

  /// The ids of the tokens with a meaning of their own.
  var special: SpecialTokens { get }
  /// Whether the second text of a pair has type 1.
  var marksPairs: Bool { get }
  /// Tokens of the shortest row that may be asked for.
  var shortestMaximumLength: Int { get }
  /// Tokens of a row, special ones included (`model_max_length`); nil where the files do not say.
  var maximumLength: Int? { get }
  /// The end at which rows are cut where nothing else is asked for.
  var truncationSide: Truncation.Side { get }

  /// The special tokens around the texts.
  var template: TokenTemplate { get }
  /// The tokens of a text, without special tokens around them.
  func tokens(of text: String) -> TextTokens

  /// The files with which a model reads texts as this tokenizer does, cut as rows are cut here.
  /// - Throws: `FileError` where a file cannot be read any more.
  func exported(maximumLength: Int, side: Truncation.Side) throws -> [TokenizerFile]
}

/// A file of an exported tokenizer.
public struct TokenizerFile: Sendable {
  public let name: String
  public let content: [UInt8]

  public init(name: String, content: [UInt8]) {
    self.name = name
    self.content = content
  }
}

extension Tokenizer {
  /// The ids of a text, or of a pair of texts, with the special tokens, cut to a maximum length.
  ///
  /// - Parameter maximumLength: at least `shortestMaximumLength`, special tokens included.
  /// - Throws: `TruncationError` where the text that loses tokens has too few.
  public func encode(
    _ text: String, pair: String? = nil, maximumLength: Int, truncation: Truncation
  ) throws(TruncationError) -> Encoding {
    precondition(
      maximumLength >= shortestMaximumLength, "a maximum length of \(maximumLength) is below \(shortestMaximumLength)")
    var first = tokens(of: text)
    var second = pair.map { tokens(of: $0) }
    let template = template
    let kept = try truncation.lengths(
      first.ids.count, second?.ids.count, maximum: maximumLength - template.specialCount(hasPair: pair != nil))
    first.keep(kept.first, at: truncation.side)
    second?.keep(kept.second, at: truncation.side)
    return template.assemble(first, second)
  }

  /// The same, cut where the files say, the longest text first.
  public func encode(_ text: String, pair: String? = nil, maximumLength: Int) -> Encoding {
    do {
      return try encode(text, pair: pair, maximumLength: maximumLength, truncation: Truncation(side: truncationSide))
    } catch { preconditionFailure("longest_first cuts every row, and says \(error)") }
  }
}
