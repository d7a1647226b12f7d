import Support

/// The tokenizers that are computed here, a kind a line; nothing else names one.
public enum Tokenizers {
  static let kinds: [TokenizerKind] = [
    .wordPiece
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
    if let file = folder.vocabulary, !file.hasSuffix(".json") {
      return kinds.first { $0.files.contains { file.hasSuffix($0.suffix(4)) } } ?? .wordPiece
    }
    if folder.json.root != nil {
      guard let type = folder.json["model"]?["type"] else { return .wordPiece }
      if let kind = kinds.first(where: { $0.modelType == type.string }) { return kind }
      let known = kinds.map(\.modelType)
      throw VocabularyError.unsupported(
        file: folder.json.file,
        problem: "model.type is \(type.phrase), and only \(known.joined(separator: ", ")) "
          + "\(known.count > 1 ? "are" : "is") computed here",
        remedy: "use a model with one of these tokenizers")
    }
    return kinds.first { $0.files.contains { folder.path($0) != nil } } ?? .wordPiece
  }
}

/// A kind of tokenizer, and how its files are found.
struct TokenizerKind: Sendable {
  /// `model.type` of its tokenizer.json.
  let modelType: String
  /// Files that hold it where there is no tokenizer.json.
  let files: [String]
  let read: @Sendable (TokenizerFolder) throws -> any Tokenizer
}
