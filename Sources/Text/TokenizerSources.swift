import Support

/// The files that a tokenizer was read from, which an export copies.
struct TokenizerSources: Sendable {
  /// A file under the name that it has in a model's directory.
  private struct Source: Sendable {
    let name: String
    let path: String
  }

  private let sources: [Source]

  /// - Parameter files: under the names that they get, which hold the tokenizer itself.
  init(_ folder: TokenizerFolder, files: [(name: String, path: String)]) {
    let others = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"].compactMap { name in
      folder.path(name).map { Source(name: name, path: $0) }
    }
    sources = files.map { Source(name: $0.name, path: $0.path) } + others
  }

  /// The files, unchanged but for what is said of the maximum length and of truncation.
  func exported(maximumLength: Int, side: Truncation.Side) throws -> [TokenizerFile] {
    var files = try sources.map { TokenizerFile(name: $0.name, content: try FileReader.bytes(of: $0.path)) }
    let config = files.firstIndex { $0.name == "tokenizer_config.json" }
    let stated = try config.map { try Self.parsed(files[$0], sources[$0].path) } ?? .object([])
    let changed = stated.replacing([
      ("model_max_length", .integer(maximumLength)), ("truncation_side", .string(side.rawValue)),
    ])
    let file = TokenizerFile(name: "tokenizer_config.json", content: Array(changed.text.utf8))
    if let config { files[config] = file } else { files.append(file) }
    if let place = files.firstIndex(where: { $0.name == "tokenizer.json" }) {
      let json = try Self.parsed(files[place], sources[place].path)
      if let truncation = json["truncation"], !truncation.isNull {
        let cut = truncation.replacing([
          ("max_length", .integer(maximumLength)), ("direction", .string(side == .left ? "Left" : "Right")),
        ])
        files[place] = TokenizerFile(
          name: "tokenizer.json", content: Array(json.replacing([("truncation", cut)]).text.utf8))
      }
    }
    return files
  }

  private static func parsed(_ file: TokenizerFile, _ path: String) throws -> JSONValue {
    do { return try JSONParser.parse(file.content) } catch {
      throw VocabularyError.malformed(file: path, reason: "not JSON (\(error))")
    }
  }
}
