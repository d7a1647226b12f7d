import Support

extension TokenizerKind {
  static let byteLevelBPE = TokenizerKind(
    modelType: "BPE", files: ["merges.txt"], endings: ["vocab.json", "merges.txt"], isModel: { $0["merges"] != nil }
  ) { try BytePairFiles.read($0) }
}

/// Reads byte-level BPE from a tokenizer.json, or from vocab.json and merges.txt.
enum BytePairFiles {
  private typealias Merge = (ArraySlice<UInt8>, ArraySlice<UInt8>)

  static func read(_ folder: TokenizerFolder) throws -> any Tokenizer {
    let files = try PipelineFiles(folder)
    if let json = folder.tokenizerJSON {
      var pipeline = try PipelineJSON(json).pipeline()
      if files.className.map(classes.contains) == true,
        let addsSpace = try files.config.json.boolean("add_prefix_space")
      {
        pipeline.setAddsSpace(addsSpace)
      }
      return try files.tokenizer(
        model(json), pipeline: pipeline, rules: nil, files: [("tokenizer.json", json.file)])
    }
    let (vocabularyFile, mergesFile) = try pair(of: folder)
    try checkClass(files)
    let json = try JSONFile(vocabularyFile, isNeeded: true)
    let vocabulary = try Vocabulary(members: json.root?.members ?? [], key: "the object", file: vocabularyFile)
    let model = try BytePairModel(
      vocabulary: vocabulary, merges: try merges(ofFile: mergesFile), mergesFile: mergesFile)
    let addsSpace = try files.flag("add_prefix_space", or: false)
    let pipeline = Pipeline(
      preTokenizers: [.byteLevel(addsSpace: addsSpace, usesPattern: true)],
      trimsOffsets: try files.flag("trim_offsets", or: true), addsSpace: addsSpace)
    return try files.tokenizer(
      model, pipeline: pipeline, rules: .roberta,
      files: [("vocab.json", vocabularyFile), ("merges.txt", mergesFile)])
  }

  /// The file of tokens and the file of merges.
  /// - Throws: `VocabularyError` that names the one that is missing.
  private static func pair(of folder: TokenizerFolder) throws -> (vocabulary: String, merges: String) {
    let isMerges = folder.vocabulary?.hasSuffix("merges.txt") == true
    let vocabulary =
      isMerges
      ? folder.vocabulary.flatMap { folder.beside($0, "vocab.json") } : folder.vocabulary ?? folder.path("vocab.json")
    let merges =
      isMerges ? folder.vocabulary : folder.path("merges.txt") ?? vocabulary.flatMap { folder.beside($0, "merges.txt") }
    if let vocabulary, let merges { return (vocabulary, merges) }
    guard let file = vocabulary ?? merges ?? folder.path("merges.txt") else {
      throw folder.missing
    }
    let missing = vocabulary == nil ? "vocab.json" : "merges.txt"
    throw VocabularyError.unsupported(
      file: file, problem: "has half of a byte-level BPE, and \(missing) is not next to it", remedy: "put it there")
  }

  private static let classes = [
    "RobertaTokenizer", "roberta", "BartTokenizer", "LongformerTokenizer", "bart", "longformer",
  ]

  /// - Throws: `VocabularyError` for a class that puts other special tokens around texts.
  private static func checkClass(_ files: PipelineFiles) throws {
    guard let name = files.className, !classes.contains(name) else { return }
    throw VocabularyError.unsupported(
      file: files.folder.path("tokenizer_config.json") ?? files.folder.name,
      problem: "the tokenizer is \(name), which is not computed from vocab.json and merges.txt",
      remedy: "put the model's tokenizer.json into the directory")
  }

  private static func merges(ofFile file: String) throws -> [Merge] {
    var lines = try FileReader.bytes(of: file).split(separator: 0x0A)
    lines.removeAll { $0.starts(with: "#version".utf8) }
    return try lines.enumerated().map { index, line in
      let line = line.last == 0x0D ? line.dropLast() : line
      guard let merge = merge(of: line) else {
        throw VocabularyError.malformed(file: file, reason: "merge \(index + 1) is not two tokens with a blank between")
      }
      return merge
    }
  }

  private static func merge(of line: ArraySlice<UInt8>) -> Merge? {
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return (parts[0], parts[1])
  }

  private static func model(_ json: JSONFile) throws -> BytePairModel {
    let model = json["model"] ?? .null
    for (key, isHarmless) in harmless {
      guard let value = model[key], !value.isNull, !isHarmless(value) else { continue }
      throw json.wrong("model.\(key)", value, "use a model without it")
    }
    let vocabulary = try Vocabulary(json: json.root ?? .null, file: json.file)
    guard let listed = model["merges"]?.elements else {
      throw VocabularyError.malformed(file: json.file, reason: "no list model.merges")
    }
    let merges = try listed.enumerated().map { index, value -> Merge in
      let merge: Merge?
      if let parts = value.elements {
        merge =
          parts.count == 2
          ? parts[0].string.flatMap { left in
            parts[1].string.map { (Array(left.utf8)[...], Array($0.utf8)[...]) }
          } : nil
      } else {
        merge = value.string.flatMap { self.merge(of: Array($0.utf8)[...]) }
      }
      guard let merge else {
        throw VocabularyError.malformed(file: json.file, reason: "model.merges, place \(index + 1): not two tokens")
      }
      return merge
    }
    var unknown: Int32?
    if let name = model["unk_token"], !name.isNull {
      guard let id = name.string.flatMap({ vocabulary.id(of: $0) }) else {
        throw json.wrong("model.unk_token", name, "name a token of the vocabulary")
      }
      unknown = id
    }
    return try BytePairModel(
      vocabulary: vocabulary, merges: merges, mergesFile: json.file, unknown: unknown,
      ignoresMerges: model["ignore_merges"]?.boolean ?? false, fusesUnknown: model["fuse_unk"]?.boolean ?? false)
  }

  private static let harmless: [(String, @Sendable (JSONValue) -> Bool)] = [
    ("dropout", { if case .number(0) = $0 { true } else { $0.integer == 0 } }),
    ("continuing_subword_prefix", { $0.string?.isEmpty == true }),
    ("end_of_word_suffix", { $0.string?.isEmpty == true }),
    ("byte_fallback", { $0.boolean == false }),
    ("ignore_merges", { $0.boolean != nil }), ("fuse_unk", { $0.boolean != nil }),
  ]
}

extension Pipeline {
  /// What the classes of RoBERTa and its kin take from tokenizer_config.json, whatever tokenizer.json says.
  fileprivate mutating func setAddsSpace(_ addsSpace: Bool) {
    self.addsSpace = addsSpace
    preTokenizers = preTokenizers.map { step in
      guard case .byteLevel(_, let usesPattern) = step else { return step }
      return .byteLevel(addsSpace: addsSpace, usesPattern: usesPattern)
    }
  }
}
