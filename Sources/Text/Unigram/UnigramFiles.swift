import Support

extension TokenizerKind {
  static let unigram = TokenizerKind(
    modelType: "Unigram", files: ["spm.model", "sentencepiece.bpe.model", "spiece.model"],
    endings: [".model"], isModel: { $0["vocab"]?.elements != nil }
  ) { try UnigramFiles.read($0) }
}

/// Reads Unigram from a tokenizer.json, or from a sentencepiece model by the rules of its class.
enum UnigramFiles {
  static func read(_ folder: TokenizerFolder) throws -> any Tokenizer {
    let files = try PipelineFiles(folder)
    if let json = folder.tokenizerJSON {
      return try files.tokenizer(
        model(json), pipeline: try PipelineJSON(json).pipeline(), rules: nil, files: [("tokenizer.json", json.file)])
    }
    let named = folder.vocabulary
    guard let path = named ?? TokenizerKind.unigram.files.lazy.compactMap({ folder.path($0) }).first else {
      throw folder.missing
    }
    let rules = try SentencePieceRules(className: files.className, path: path, folder: folder.name)
    let model = try SentencePieceFile(contentsOf: path)
    return try files.tokenizer(
      rules.model(model), pipeline: try rules.pipeline(model, files), rules: rules.special,
      files: [(rules.fileName, path)])
  }

  private static func model(_ json: JSONFile) throws -> UnigramModel {
    let model = json["model"] ?? .null
    guard let listed = model["vocab"]?.elements, !listed.isEmpty else {
      throw VocabularyError.malformed(file: json.file, reason: "no list model.vocab")
    }
    var (pieces, scores): ([ArraySlice<UInt8>], [Double]) = ([], [])
    pieces.reserveCapacity(listed.count)
    scores.reserveCapacity(listed.count)
    for (index, entry) in listed.enumerated() {
      guard let pair = entry.elements, pair.count == 2, let piece = pair[0].string, let score = number(pair[1]) else {
        throw VocabularyError.malformed(
          file: json.file, reason: "model.vocab, place \(index): not a piece and its score")
      }
      pieces.append(Array(piece.utf8)[...])
      scores.append(score)
    }
    guard let unknown = model["unk_id"]?.integer, pieces.indices.contains(unknown) else {
      throw json.wrong("model.unk_id", model["unk_id"] ?? .null, "give the place of the unknown token in model.vocab")
    }
    var fallsBack = false
    if let value = model["byte_fallback"], !value.isNull {
      guard let boolean = value.boolean else { throw json.wrong("model.byte_fallback", value, "give true or false") }
      fallsBack = boolean
    }
    return try UnigramModel(
      pieces: pieces, scores: scores, unknown: Int32(unknown), fallsBackToBytes: fallsBack, file: json.file)
  }

  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .number(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
}

/// How a class of tokenizers reads a sentencepiece model that no tokenizer.json stands next to.
enum SentencePieceRules {
  case xlmRoberta, camembert, deberta, albert

  /// - Throws: `VocabularyError` for a class that is not computed here.
  init(className: String?, path: String, folder: String) throws {
    switch className {
    case "XLMRobertaTokenizer", "xlm-roberta": self = .xlmRoberta
    case "CamembertTokenizer", "camembert": self = .camembert
    case "DebertaV2Tokenizer", "deberta-v2": self = .deberta
    case "AlbertTokenizer", "albert": self = .albert
    case nil where path.hasSuffix("spm.model"): self = .deberta
    case nil where path.hasSuffix("spiece.model"): self = .albert
    case nil: self = .xlmRoberta
    case let name?:
      throw VocabularyError.unsupported(
        file: folder, problem: "the tokenizer is \(name), which is not computed from a sentencepiece model",
        remedy: "put the model's tokenizer.json into the directory")
    }
  }

  var special: SpecialTokenRules {
    switch self {
    case .xlmRoberta, .camembert: .roberta
    case .deberta: .deberta
    case .albert: .albert
    }
  }

  var fileName: String {
    switch self {
    case .xlmRoberta, .camembert: "sentencepiece.bpe.model"
    case .deberta: "spm.model"
    case .albert: "spiece.model"
    }
  }

  /// The pieces with the ids that the class gives them: fairseq's put tokens of their own before and behind.
  func model(_ file: SentencePieceFile) throws -> UnigramModel {
    var pieces = file.pieces.map { ($0.spelling, Double($0.score)) }
    var unknown = file.unknown
    func own(_ names: [String]) -> [(ArraySlice<UInt8>, Double)] { names.map { (Array($0.utf8)[...], 0) } }
    switch self {
    case .xlmRoberta:
      pieces = own(["<s>", "<pad>", "</s>", "<unk>"]) + pieces.dropFirst(3) + own(["<mask>"])
      unknown = 3
    case .camembert:
      let unused = (Array("<unk>NOTUSED".utf8)[...], -100.0)
      pieces = own(["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>"]) + [unused] + pieces.dropFirst() + own(["<mask>"])
      unknown = 3
    case .albert:
      pieces = pieces.map { ($0, Self.endsInNumberAndComma($0) ? $1 - 100 : $1) }
    case .deberta: break
    }
    return try UnigramModel(
      pieces: pieces.map(\.0), scores: pieces.map(\.1), unknown: Int32(unknown),
      fallsBackToBytes: file.fallsBackToBytes, file: file.file)
  }

  /// ALBERT keeps a comma apart from the digit before it.
  private static func endsInNumberAndComma(_ piece: ArraySlice<UInt8>) -> Bool {
    guard piece.last == UInt8(ascii: ",") else { return false }
    return String(decoding: piece.dropLast(), as: UTF8.self).unicodeScalars.last?.properties.numericType == .decimal
  }

  func pipeline(_ model: SentencePieceFile, _ files: PipelineFiles) throws -> Pipeline {
    var pipeline = Pipeline()
    let lowers = try files.flag("do_lower_case", or: self == .albert)
    switch self {
    case .xlmRoberta, .camembert: break
    case .deberta:
      if lowers { pipeline.steps.append(.lowercase) }
      pipeline.steps.append(.strip(left: true, right: true))
    case .albert:
      let quotes = ["``", "''"].map { TextStep.replace(Array($0.utf8), with: [UInt8(ascii: "\"")]) }
      pipeline.steps += quotes
      if try !files.flag("keep_accents", or: false) { pipeline.steps += [.form(.nfkd), .stripAccents] }
      if lowers { pipeline.steps.append(.lowercase) }
    }
    if !model.characterMap.isEmpty {
      guard let map = CharacterMap(Array(model.characterMap)) else {
        throw VocabularyError.malformed(
          file: model.file, reason: "normalizer_spec.precompiled_charsmap is not a character map")
      }
      pipeline.steps.append(.map(map))
    }
    if self == .deberta || self == .albert {
      pipeline.steps.append(.replaceRuns(.space, atLeast: 2, with: [0x20]))
    }
    if self != .deberta { pipeline.preTokenizers.append(.whitespaceSplit) }
    if self == .deberta, try files.flag("split_by_punct", or: false) { pipeline.preTokenizers.append(.punctuation) }
    pipeline.preTokenizers.append(.metaspace(Array("▁".utf8), .always, splits: true))
    return pipeline
  }
}
