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
  /// What a token stands for in a text; of an id that no token has nothing.
  func piece(of id: Int32) -> TokenPiece

  /// The ids of the tokens with a special meaning.
  var special: SpecialTokens { get }
  /// Whether the second text of a pair has type 1.
  var marksPairs: Bool { get }
  /// Tokens of the shortest row that may be asked for.
  var shortestMaximumLength: Int { get }
  /// Tokens of a row, special ones included (`model_max_length`); nil where the files do not say.
  var maximumLength: Int? { get }
  /// How rows are cut where nothing else is asked for: as the files say, the longest text first where they do not.
  var truncation: Truncation { get set }

  /// The special tokens around the texts.
  var template: TokenTemplate { get }
  /// The tokens of a text, without special tokens around them.
  /// - Parameter withOffsets: whether to find out where in the text each one is, which takes longer.
  func tokens(of text: String, withOffsets: Bool) -> TextTokens

  /// The files with which a model reads texts as this tokenizer does, and cuts them alike.
  /// - Parameter readsTypes: whether the model reads types of tokens; to others none may be given.
  /// - Throws: `FileError` where a file cannot be read any more.
  func exported(maximumLength: Int, readsTypes: Bool) throws -> [TokenizerFile]
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
