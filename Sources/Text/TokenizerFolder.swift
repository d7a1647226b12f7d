import Support

/// Where the files of a tokenizer are: a model's directory, or one file that stands alone.
struct TokenizerFolder {
  /// The names under which tokenizers are kept where there is no tokenizer.json.
  struct Names {
    /// Of files in a model's directory.
    let files: [String]
    /// How the names of files that stand alone end.
    let endings: [String]
  }

  private let names: Names
  private let directory: String?
  /// A file that is read in place of the directory's own.
  let vocabulary: String?
  /// tokenizer.json, if there is one.
  let json: JSONFile

  init(directory: String, vocabulary: String? = nil, names: Names) throws {
    self.directory = directory
    self.names = names
    self.vocabulary = vocabulary
    let named = vocabulary.flatMap { $0.hasSuffix(".json") ? $0 : nil }
    json = try named.map { try Self.tokenizer($0, names) } ?? JSONFile("\(directory)/tokenizer.json")
  }

  init(file: String, names: Names) throws {
    self.names = names
    directory = nil
    vocabulary = file
    json = try file.hasSuffix(".json") ? Self.tokenizer(file, names) : JSONFile(none: file)
  }

  /// A tokenizer.json; nothing where the file is the vocabulary of a kind, whose tokens may be called as its keys.
  private static func tokenizer(_ file: String, _ names: Names) throws -> JSONFile {
    let json = try JSONFile(file, isNeeded: true)
    guard json["model"]?.members == nil, names.endings.contains(where: file.hasSuffix) else { return json }
    return JSONFile(none: file)
  }

  /// The tokenizer.json that says all; nil where there is none, or another file is read in its place.
  var tokenizerJSON: JSONFile? {
    guard json["model"] != nil, vocabulary == nil || vocabulary == json.file else { return nil }
    return json
  }

  /// The directory, or else the file, for messages.
  var name: String { directory ?? vocabulary ?? "" }

  /// The error that no tokenizer is there.
  var missing: VocabularyError { .missing(directory: name, files: names.files) }

  /// Where a file of the directory is; nil where it is missing.
  func path(_ name: String) -> String? {
    guard let path = directory.map({ "\($0)/\(name)" }), FileReader.exists(path) else { return nil }
    return path
  }

  /// Where a file next to another one is; nil where it is missing.
  func beside(_ file: String, _ name: String) -> String? {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [name[...]]
    let path = parts.joined(separator: "/")
    return FileReader.exists(path) ? path : nil
  }

  /// A JSON file of the directory, empty where it is missing.
  func file(_ name: String) throws -> JSONFile {
    guard let directory else { return JSONFile(none: vocabulary ?? "") }
    return try JSONFile("\(directory)/\(name)")
  }
}
