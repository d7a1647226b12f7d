/// The tokens that are found in a text before it is cut into pieces, with their ids.
///
/// Those of the vocabulary keep their ids; the others are numbered behind it in the order in which they are declared, as
/// the library numbers them.
public struct AddedTokens: Sendable {
  /// A token, and the id that a file gives it, where one does.
  struct Declared {
    var token: AddedToken
    var id: Int?
    /// Whether the file says how it is looked for; else that follows from whether it is special.
    var statesNormalized = true
    /// Whether the file gives its spelling alone.
    var isPlain = false
    /// The file that says so.
    var file: String
  }

  /// A token and its id.
  public struct Entry: Sendable, Equatable {
    public let id: Int32
    public let token: AddedToken
  }

  /// In the order of the ids.
  public let entries: [Entry]
  /// Those that are looked for in the text as it is.
  let raw: TokenPatterns
  /// Those that are looked for in the normalised text.
  let normalized: TokenPatterns

  /// What added tokens are numbered by, and looked for in.
  struct Base {
    let file: String
    /// One more than the largest id of the vocabulary.
    let count: Int
    /// The number of different tokens, behind which the library numbers added ones.
    let distinctCount: Int
    let id: (String) -> Int32?
    let normalize: ([UInt8]) -> [UInt8]
  }

  init(_ declared: [Declared], vocabulary: Vocabulary, options: TokenizerOptions) throws {
    try self.init(
      declared,
      base: Base(
        file: vocabulary.file, count: vocabulary.count, distinctCount: vocabulary.distinctCount,
        id: { vocabulary.id(of: $0) },
        normalize: { spelling in
          var normalizer = TextNormalizer(options)
          spelling.withUnsafeBufferPointer { normalizer.normalize($0) }
          return normalizer.bytes
        }))
  }

  /// - Throws: `VocabularyError` where a file gives an id that the library would not give, or two tokens look alike.
  init(_ declared: [Declared], base: Base) throws {
    var numbers: [[UInt8]: Int32] = [:]
    var tokens: [Int32: AddedToken] = [:]
    var next = base.distinctCount
    for declared in declared where !declared.token.content.isEmpty {
      let spelling = Array(declared.token.content.utf8)
      let inVocabulary = base.id(declared.token.content)
      let known = numbers[spelling] ?? inVocabulary
      let id = known ?? Int32(next)
      guard Int(id) == declared.id ?? Int(id) else {
        throw VocabularyError.unsupported(
          file: declared.file,
          problem: "gives the added token \(declared.token.content) the id \(declared.id!), and it is \(id) "
            + (inVocabulary == nil ? "by its place" : "in the vocabulary"),
          remedy: "number added tokens from \(base.distinctCount) on without a gap")
      }
      if known == nil {
        guard next >= base.count, next < 1 << 30 else {
          throw VocabularyError.unsupported(
            file: base.file,
            problem: "has ids up to \(base.count - 1) for \(next) different tokens, so that the added token "
              + "\(declared.token.content) would get the id of another",
            remedy: "give every token its own id, without a gap")
        }
        next += 1
      }
      numbers[spelling] = id
      tokens[id] = declared.token
    }
    entries = tokens.map { Entry(id: $0, token: $1) }.sorted { $0.id < $1.id }
    raw = TokenPatterns(
      entries.filter { !$0.token.isNormalized }.map { (Array($0.token.content.utf8), $0.id, $0.token) })
    normalized = TokenPatterns(try Self.normalizedSpellings(of: entries, base: base))
  }

  /// What the tokens that are looked for in normalised texts are spelled like there.
  private static func normalizedSpellings(
    of entries: [Entry], base: Base
  ) throws -> [(spelling: [UInt8], id: Int32, token: AddedToken)] {
    var seen: [[UInt8]: AddedToken] = [:]
    return try entries.filter(\.token.isNormalized).map { entry in
      let spelling = base.normalize(Array(entry.token.content.utf8))
      if spelling.isEmpty || seen[spelling] != nil {
        let problem =
          seen[spelling].map { "is the same as \($0.content) once normalised" } ?? "is empty once normalised"
        throw VocabularyError.unsupported(
          file: base.file, problem: "the added token \(entry.token.content) \(problem)",
          remedy: "remove it, or declare it with normalized false")
      }
      seen[spelling] = entry.token
      return (spelling, entry.id, entry.token)
    }
  }

  /// The id of a token by its spelling.
  func id(of spelling: String) -> Int32? {
    entries.first { $0.token.content.utf8.elementsEqual(spelling.utf8) }?.id
  }
}
