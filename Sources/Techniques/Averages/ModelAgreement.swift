import Checkpoints
import Foundation
import Models
import Support
import Text

/// What several model folders have in common besides their weights: the same computation, tokenizer and classes.
struct ModelAgreement {
  /// For each model the place of each class of the first model; nil where the order is the same.
  private let places: [[Int]?]

  /// Checkpoints of one run, which differ in nothing but weights.
  static func ofOneRun(_ count: Int) -> ModelAgreement {
    ModelAgreement(places: [[Int]?](repeating: nil, count: count))
  }

  private init(places: [[Int]?]) { self.places = places }

  /// - Throws: `EnsembleError` that names the folder and what of it is different.
  init(_ folders: [String]) throws {
    let first = try ModelFacts(folders[0])
    places = try folders.map { folder in
      guard folder != folders[0] else { return nil }
      let facts = try ModelFacts(folder)
      try facts.requireSameComputation(as: first)
      try facts.requireSameTokenizer(as: first)
      return try facts.places(ofClassesOf: first)
    }
  }

  /// The maps from features to scores, of which every row is a class.
  private static let heads = Set(EncoderFamilies.all.map { $0.init().head.scores } + ["classifier", "score", "fc"])

  /// Scores of tags, of which every element is a class, or a pair of them.
  private static let ends = ["start_transitions", "end_transitions"].map { "\(HeadDesign.transitions).\($0)" }
  private static let pairs = "\(HeadDesign.transitions).transitions"

  /// For each file the row of a tensor that belongs to each class of the first, or the element to each pair of classes; nil
  /// where there are no classes, or they stand in the same order.
  /// - Throws: `EnsembleError` where classes stand in another order, and no head is known whose rows could be moved.
  func orders(of entry: PretrainedWeights.Entry, in files: [PretrainedWeights]) throws -> [[Int]?] {
    try zip(files, places).map { file, places in
      guard let places else { return nil }
      func isHead(_ name: String, _ shape: [Int]) -> Bool {
        Self.heads.contains { name == $0 + ".weight" || name == $0 + ".bias" } && shape.first == places.count
      }
      guard file.entries.contains(where: { isHead($0.name, $0.shape) }) else {
        throw EnsembleError(
          file.path, nil,
          "has its classes in another order than \(files[0].path), and no tensor whose rows are classes",
          "train or convert the models with one order of classes in id2label")
      }
      if entry.name == Self.pairs, entry.shape == [places.count, places.count] {
        return places.flatMap { from in places.map { from * places.count + $0 } }
      }
      return isHead(entry.name, entry.shape) || Self.ends.contains(entry.name) ? places : nil
    }
  }
}

/// What of a model's folder must be that of every other one.
private struct ModelFacts {
  let folder: String
  /// The keys of `config.json` that change what is computed.
  let computation: [String: String]
  let classes: [String]?
  let tokenizer: Tokenizer?

  struct Tokenizer: Equatable {
    let vocabulary: UInt64?
    let tokens: Int
    /// What its ids depend on.
    let options: [String]?
    /// Those of a tokenizer that is not read here, byte for byte.
    let files: [String: [UInt8]]
    let settings: [String: String]
  }

  private var file: String { folder + "/config.json" }

  init(_ folder: String) throws {
    self.folder = folder
    guard let json = try Self.json(folder + "/config.json") else {
      throw EnsembleError(folder + "/config.json", nil, "cannot be read", "give the folder of a model")
    }
    computation = ModelComputation.keys(of: json)
    classes = Self.classNames(json)
    tokenizer = try Self.tokenizer(of: folder, positions: computation["max_position_embeddings"].flatMap(Double.init))
  }

  /// - Returns: nil where there is no such file.
  /// - Throws: `EnsembleError` where it is not a JSON object.
  private static func json(_ path: String) throws -> JSONValue? {
    guard let data = FileReader.contents(path) else { return nil }
    guard let json = try? JSONParser.parse(data), case .object = json else {
      throw EnsembleError(path, nil, "is not a JSON object", "download or export the model again")
    }
    return json
  }

  /// The names of `id2label` in the order of their numbers; nil where there are none, or a number has none.
  private static func classNames(_ json: JSONValue) -> [String]? {
    guard case .object(let members)? = json["id2label"] else { return nil }
    let names = members.indices.compactMap { index -> String? in
      guard case .string(let name)? = json["id2label"]?[String(index)] else { return nil }
      return name
    }
    return names.count == members.count && !names.isEmpty ? names : nil
  }

  /// Keys of `tokenizer_config.json` that change the tokens of a row, besides its fingerprint.
  private static let settings = ["model_max_length", "truncation_side", "truncation_strategy"]

  private static let files = [
    "vocab.txt", "tokenizer.json", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model",
    "tokenizer.model",
  ]

  /// - Parameter positions: tokens that the model reads at most; a larger `model_max_length` says nothing.
  private static func tokenizer(of folder: String, positions: Double?) throws -> Tokenizer? {
    let present = files.filter { FileReader.exists(folder + "/" + $0) }
    guard !present.isEmpty else { return nil }
    let tokenizer = try? Tokenizers.read(directory: folder)
    let others = tokenizer == nil ? try present.map { ($0, try FileReader.bytes(of: folder + "/" + $0)) } : []
    let json = try json(folder + "/tokenizer_config.json")
    var given: [String: String] = [:]
    for key in settings { given[key] = json?[key].map(ModelComputation.text) }
    if given["truncation_side"] == ModelComputation.text(.string("right")) { given["truncation_side"] = nil }
    let length = given["model_max_length"].map { Double($0) ?? .infinity }
    if let length, length >= positions ?? .infinity { given["model_max_length"] = nil }
    return Tokenizer(
      vocabulary: tokenizer?.vocabularyHash, tokens: tokenizer?.vocabularyCount ?? 0,
      options: tokenizer?.fingerprint, files: Dictionary(uniqueKeysWithValues: others), settings: given)
  }

  func requireSameComputation(as other: ModelFacts) throws {
    let keys = Set(computation.keys).union(other.computation.keys).sorted()
    guard let key = (["model_type"] + keys).first(where: { computation[$0] != other.computation[$0] }) else { return }
    let own = computation[key].map { "\(key) \($0)" } ?? "no \(key)"
    throw EnsembleError(
      file, nil, "has \(own), and \(other.file) has \(other.computation[key] ?? "none")",
      "average models that compute the same")
  }

  func requireSameTokenizer(as other: ModelFacts) throws {
    guard tokenizer != other.tokenizer else { return }
    let difference =
      switch (tokenizer, other.tokenizer) {
      case (nil, _): "has no vocabulary, and \(other.folder) has one"
      case (_, nil): "has a vocabulary, and \(other.folder) has none"
      case (let own?, let others?) where (own.vocabulary, own.tokens) != (others.vocabulary, others.tokens):
        "has another vocabulary than \(other.folder)"
      case (let own?, let others?) where own.options != others.options:
        "reads texts with other tokenizer options than \(other.folder)"
      case (let own?, let others?):
        "has another "
          + (Self.settings.first { own.settings[$0] != others.settings[$0] } ?? "tokenizer") + " than \(other.folder)"
      }
    throw EnsembleError(folder, nil, difference, "average models that read rows alike")
  }

  /// Where this model has each class of another one; nil where both have the same order.
  /// - Throws: `EnsembleError` where they have different classes.
  func places(ofClassesOf other: ModelFacts) throws -> [Int]? {
    func usual(_ count: Int) -> [String] { (0..<count).map { "LABEL_\($0)" } }
    let own = classes ?? other.classes.map { usual($0.count) }
    let others = other.classes ?? classes.map { usual($0.count) }
    guard let own, let others, !own.haveSameBytes(as: others) else { return nil }
    let places = others.compactMap { name in own.place(of: name) }
    guard Set(places).count == own.count, own.count == others.count else {
      func list(_ names: [String]?) -> String { names?.joined(separator: ", ") ?? "none that id2label names" }
      throw EnsembleError(
        file, nil, "has the classes \(list(classes)), and \(other.file) has \(list(other.classes))",
        "average models of the same classes")
    }
    return places
  }
}
