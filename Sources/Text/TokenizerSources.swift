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

  /// The files, unchanged but for what is said of the maximum length, of truncation and, where readers differ about it, of
  /// the types of tokens.
  func exported(
    maximumLength: Int, _ truncation: Truncation, marksPairs: Bool, readsTypes: Bool
  ) throws -> [TokenizerFile] {
    var files = try sources.map { TokenizerFile(name: $0.name, content: try FileReader.bytes(of: $0.path)) }
    let config = files.firstIndex { $0.name == "tokenizer_config.json" }
    let stated = try config.map { try Self.parsed(files[$0], sources[$0].path) } ?? .object([])
    let changed = stated.replacing([
      ("model_max_length", .integer(maximumLength)), ("truncation_side", .string(truncation.side.rawValue)),
    ]).replacing(truncation.statedStrategy(instead: stated["truncation_strategy"] != nil))
      .replacing(Self.inputs(stated["model_input_names"], marksPairs: marksPairs, readsTypes: readsTypes))
    let file = TokenizerFile(name: "tokenizer_config.json", content: Array(changed.text.utf8))
    if let config { files[config] = file } else { files.append(file) }
    if let place = files.firstIndex(where: { $0.name == "tokenizer.json" }) {
      let json = try Self.parsed(files[place], sources[place].path)
      if let own = json["truncation"], !own.isNull {
        let cut = own.replacing([
          ("max_length", .integer(maximumLength)), ("strategy", .string(truncation.strategy.libraryName)),
          ("direction", .string(truncation.side == .left ? "Left" : "Right")),
        ])
        files[place] = TokenizerFile(
          name: "tokenizer.json", content: Array(json.replacing([("truncation", cut)]).text.utf8))
      }
    }
    return files
  }

  /// The member of tokenizer_config.json that says what a model is given of a row; none where nothing need be said.
  ///
  /// Classes that transformers has for a family leave out types that their tokenizer.json marks, such as ALBERT's, and
  /// classes without a family give types to models that take none.
  private static func inputs(
    _ stated: JSONValue?, marksPairs: Bool, readsTypes: Bool
  ) -> [(key: String, value: JSONValue)] {
    let types = "token_type_ids"
    var names = stated?.elements?.compactMap(\.string)
    if names == nil, marksPairs || !readsTypes { names = ["input_ids", types, "attention_mask"] }
    guard let names, stated?.elements == nil || !readsTypes && names.contains(types) else { return [] }
    return [("model_input_names", .array(names.filter { readsTypes || $0 != types }.map { .string($0) }))]
  }

  private static func parsed(_ file: TokenizerFile, _ path: String) throws -> JSONValue {
    do { return try JSONParser.parse(file.content) } catch {
      throw VocabularyError.malformed(file: path, reason: "not JSON (\(error))")
    }
  }
}

extension Truncation {
  /// The member of tokenizer_config.json that names the strategy; none where that is the usual one and stated nowhere.
  func statedStrategy(instead isStated: Bool) -> [(key: String, value: JSONValue)] {
    strategy == .longestFirst && !isStated ? [] : [("truncation_strategy", .string(strategy.rawValue))]
  }
}

extension Truncation.Strategy {
  /// The name of the strategy in a tokenizer.json.
  fileprivate var libraryName: String {
    switch self {
    case .longestFirst: "LongestFirst"
    case .onlyFirst: "OnlyFirst"
    case .onlySecond: "OnlySecond"
    }
  }
}
