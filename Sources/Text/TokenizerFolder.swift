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
    json = try JSONFile(named ?? "\(directory)/tokenizer.json", isNeeded: named != nil)
  }

  init(file: String) throws {
    directory = nil
    vocabulary = file
    json = try file.hasSuffix(".json") ? JSONFile(file, isNeeded: true) : JSONFile(none: file)
  }

  /// The directory, or else the file, for messages.
  var name: String { directory ?? vocabulary ?? "" }

  /// Where a file of the directory is; nil where it is missing.
  func path(_ name: String) -> String? {
    guard let path = directory.map({ "\($0)/\(name)" }), FileReader.exists(path) else { return nil }
    return path
  }

  /// A JSON file of the directory, empty where it is missing.
  func file(_ name: String) throws -> JSONFile {
    guard let directory else { return JSONFile(none: vocabulary ?? "") }
    return try JSONFile("\(directory)/\(name)")
  }
}
