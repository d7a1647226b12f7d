import Support

/// The tokenizers that are computed here, a kind a line; nothing else names one.
public enum Tokenizers {
  static let kinds: [TokenizerKind] = [
    .wordPiece,
    .byteLevelBPE,
    .unigram,
  ]

  /// The tokenizer of a model's directory.
  ///
  /// - Parameter vocabulary: a file that is read in place of the directory's own.
  /// - Throws: `FileError` or `VocabularyError`, naming the file and the key.
  public static func read(directory: String, vocabulary: String? = nil) throws -> any Tokenizer {
    try read(TokenizerFolder(directory: directory, vocabulary: vocabulary))
  }

  /// The tokenizer of a file that stands alone: a tokenizer.json, or a vocabulary with the usual options of its kind.
  public static func read(file: String) throws -> any Tokenizer { try read(TokenizerFolder(file: file)) }

  private static func read(_ folder: TokenizerFolder) throws -> any Tokenizer {
    try kind(of: folder).read(folder)
  }

  /// The kind that tokenizer.json names, else the one whose files are there.
  private static func kind(of folder: TokenizerFolder) throws -> TokenizerKind {
    guard let json = folder.tokenizerJSON, let model = json["model"] else {
      let kind =
        if let file = folder.vocabulary {
          kinds.first { kind in kind.endings.contains { file.hasSuffix($0) } }
        } else {
          kinds.first { kind in kind.files.contains { folder.path($0) != nil } }
        }
      return kind ?? kinds[0]
    }
    guard let type = model["type"] else { return kinds.first { $0.isModel(model) } ?? kinds[0] }
    if let kind = kinds.first(where: { $0.modelType == type.string }) { return kind }
    throw VocabularyError.unsupported(
      file: json.file,
      problem: "model.type is \(type.phrase), and only \(kinds.map(\.modelType).joined(separator: ", ")) are computed "
        + "here", remedy: "use a model with one of these tokenizers")
  }
}

/// A kind of tokenizer, and how its files are found.
struct TokenizerKind: Sendable {
  /// `model.type` of its tokenizer.json.
  let modelType: String
  /// Files that hold it where there is no tokenizer.json.
  let files: [String]
  /// How a file that stands alone and holds it is named.
  var endings: [String] = []
  /// Whether the model of a tokenizer.json that names no type is this one.
  var isModel: @Sendable (JSONValue) -> Bool = { _ in false }
  let read: @Sendable (TokenizerFolder) throws -> any Tokenizer
}
