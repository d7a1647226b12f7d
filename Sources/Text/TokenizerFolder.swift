import Support

/// Where the files of a tokenizer are: a model's directory, or one file that stands alone.
struct TokenizerFolder {
  private let directory: String?
  /// A file that is read in place of the directory's own.
  let vocabulary: String?
  /// tokenizer.json, if there is one.
  let json: JSONFile

  init(directory: String, vocabulary: String? = nil) throws {
    self.directory = directory
    self.vocabulary = vocabulary
    let named = vocabulary.flatMap { $0.hasSuffix(".json") ? $0 : nil }
    json = try named.map(Self.tokenizer) ?? JSONFile("\(directory)/tokenizer.json")
  }

  init(file: String) throws {
    directory = nil
    vocabulary = file
    json = try file.hasSuffix(".json") ? Self.tokenizer(file) : JSONFile(none: file)
  }

  /// A tokenizer.json; nothing where the file is the vocabulary of a kind, whose tokens may be called as its keys.
  private static func tokenizer(_ file: String) throws -> JSONFile {
    let json = try JSONFile(file, isNeeded: true)
    guard json["model"]?.members == nil,
      Tokenizers.kinds.contains(where: { $0.endings.contains(where: file.hasSuffix) })
    else { return json }
    return JSONFile(none: file)
  }

  /// The tokenizer.json that says all; nil where there is none, or another file is read in its place.
  var tokenizerJSON: JSONFile? {
    guard json["model"] != nil, vocabulary == nil || vocabulary == json.file else { return nil }
    return json
  }

  /// The directory, or else the file, for messages.
  var name: String { directory ?? vocabulary ?? "" }

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
