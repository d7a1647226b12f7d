import Support

/// The tokenizers that are computed here, a kind a line; nothing else names one.
public enum Tokenizers {
  static let kinds: [TokenizerKind] = [
    .wordPiece,
    .byteLevelBPE,
    .unigram,
  ]

  private static var names: TokenizerFolder.Names {
    TokenizerFolder.Names(files: kinds.flatMap(\.files), endings: kinds.flatMap(\.endings))
  }

  /// The tokenizer of a model's directory.
  ///
  /// - Parameter vocabulary: a file that is read in place of the directory's own, and has the same tokens.
  /// - Throws: `FileError` or `VocabularyError`, naming the file and the key.
  public static func read(directory: String, vocabulary: String? = nil) throws -> any Tokenizer {
    guard let vocabulary else { return try read(TokenizerFolder(directory: directory, names: names)) }
    let given = try TokenizerFolder(directory: directory, vocabulary: vocabulary, names: names)
    guard let folder = try? TokenizerFolder(directory: directory, names: names),
      let kind = (try? stated(by: folder)) ?? nil
    else {
      return try read(given)
    }
    let other = try self.kind(of: given)
    guard other.modelType == kind.modelType else {
      throw VocabularyError.unsupported(
        file: vocabulary,
        problem: "is of a \(other.modelType) tokenizer, and that of \(directory) is \(kind.modelType)",
        remedy: "leave model.vocabulary out")
    }
    let tokenizer = Result { try read(given) }
    // Tokens that a directory declares may not fit another vocabulary, which is then read alone.
    let tokens = (try? tokenizer.get()) ?? (try? read(file: vocabulary))
    if let own = try? read(folder), let tokens, own.vocabularyHash != tokens.vocabularyHash {
      throw VocabularyError.unsupported(
        file: vocabulary, problem: "has other tokens than \(own.file), whose ids the model was trained with",
        remedy: "leave model.vocabulary out, or put the file into a copy of \(directory) in place of the other")
    }
    return try tokenizer.get()
  }

  /// The tokenizer of a file that stands alone: a tokenizer.json, or a vocabulary with the usual options of its kind.
  public static func read(file: String) throws -> any Tokenizer { try read(TokenizerFolder(file: file, names: names)) }

  private static func read(_ folder: TokenizerFolder) throws -> any Tokenizer {
    try kind(of: folder).read(folder)
  }

  /// The kind that is stated, or else the first.
  private static func kind(of folder: TokenizerFolder) throws -> TokenizerKind { try stated(by: folder) ?? kinds[0] }

  /// The kind that tokenizer.json names, else the one whose files are there; nil where none are.
  private static func stated(by folder: TokenizerFolder) throws -> TokenizerKind? {
    guard let json = folder.tokenizerJSON, let model = json["model"] else {
      guard let file = folder.vocabulary else {
        return kinds.first { kind in kind.files.contains { folder.path($0) != nil } }
          ?? kinds.first { kind in kind.endings.contains { folder.path($0) != nil } }
      }
      // vocab.txt and merges.txt end alike: the longest ending says most.
      return kinds.flatMap { kind in kind.endings.filter(file.hasSuffix).map { (kind, $0.count) } }
        .max { $0.1 < $1.1 }?.0
    }
    guard let type = model["type"] else { return kinds.first { $0.isModel(model) } ?? kinds[0] }
    if let kind = kinds.first(where: { $0.modelType == type.string }) { return kind }
    throw VocabularyError.unsupported(
      file: json.file,
      problem: "model.type is \(type.phrase), and only \(kinds.map(\.modelType).joined(separator: ", ")) are computed "
        + "here", remedy: "use a model with one of these tokenizers")
  }
}
