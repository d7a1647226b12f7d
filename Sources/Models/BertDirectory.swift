import Checkpoints
import Foundation
import Layers
import Tensors
import Text

/// A Hugging Face directory of a BERT model: `config.json`, `model.safetensors`, a vocabulary, tokenizer options.
public struct BertDirectory {
  public let path: String
  public let configuration: BertConfiguration
  /// The names of the head's classes, `LABEL_0` … where the directory gives none; of a directory without a head those of
  /// `id2label`, if any.
  public let labelNames: [String]?
  /// The classes of the head; nil where the weights have no head that fits the encoder.
  public let headLabels: Int?
  /// `problem_type` of the configuration.
  public let problemType: String?
  private let weights: PretrainedWeights
  /// The file of the weights, for messages.
  public var weightsFile: String { weights.path }

  /// What a checkpoint and a model have not in common.
  public struct Report: Equatable {
    /// Of the model but not of the checkpoint: they keep their random values.
    public var missing: [String] = []
    /// Of the checkpoint but not of the model: they are ignored.
    public var unexpected: [String] = []
    /// Of the checkpoint, and no parameters of any model.
    public var buffers: [String] = []

    package init() {}

    /// What the user should know of the checkpoint in a folder.
    public func notes(on folder: String) -> [String] {
      let heads = unexpected.compactMap(PretrainedNames.pretrainingHead)
      let others = unexpected.filter { PretrainedNames.pretrainingHead(of: $0) == nil } + buffers
      var notes: [String] = []
      if !missing.isEmpty { notes.append("not in \(folder), random at first: " + missing.joined(separator: ", ")) }
      if !heads.isEmpty {
        let names = Set(heads).sorted().joined(separator: ", ")
        notes.append("in \(folder) but not used, because only pre-training needs it: \(names)")
      }
      if !others.isEmpty {
        let more = others.count > 8 ? ", …" : ""
        notes.append("in \(folder) but not used: " + others.prefix(8).joined(separator: ", ") + more)
      }
      return notes
    }
  }

  /// Reads all but the weights; of them the shapes, with which the configuration must agree.
  /// - Throws: `ModelError` where the folder cannot be used, or `SafetensorsError`.
  public init(path: String) throws {
    self.path = path
    let facts = try BertFacts(path: path)
    weights = try PretrainedWeights.open(directory: path)
    let source = path + "/config.json"
    let shapes = BertShapes(weights)
    try shapes.check(facts.configuration, source: source)
    configuration = facts.configuration
    problemType = facts.problemType
    headLabels = shapes.labels
    labelNames = facts.names ?? shapes.labels.map(ModelFolder.usualClassNames)
    for (key, count) in [("id2label", facts.names?.count), ("num_labels", facts.labels)] {
      guard let count, let rows = shapes.labels, count != rows else { continue }
      throw ModelError(
        file: source,
        problem:
          "\(key) \(key == "id2label" ? "has \(count) names" : "is \(count)"), and the head in \(weights.path) has "
          + "\(rows) rows", remedy: "use the config.json that belongs to these weights")
    }
  }

  /// - Throws: `ModelError` where a tokenizer gives ids that the word embedding does not have.
  public func checkIDs(of tokenizer: WordPieceTokenizer) throws {
    try configuration.checkIDs(of: tokenizer)
  }

  /// Refuses heads whose scores are not those of one class among several.
  /// - Throws: `ModelError` that names the key.
  public func requireSingleLabel() throws {
    guard let headLabels else { return }
    if let problemType, problemType != "single_label_classification" {
      throw ModelError(
        file: path + "/config.json",
        problem: "problem_type is \(problemType), and only single_label_classification can be computed here",
        remedy: "use a classifier of one label a row")
    }
    if headLabels == 1 {
      throw ModelError(
        file: path + "/config.json",
        problem: "is of a model with one label, a regression, which cannot be computed here",
        remedy: "use a classifier of two or more labels")
    }
  }

  /// Copies the checkpoint's tensors into a model, joined by name.
  ///
  /// Names may lack the `bert.` prefix and may use the old `gamma` and `beta`; `position_ids` is ignored. The head may be
  /// missing (a pretrained encoder); a tensor of another shape is an error.
  ///
  /// - Parameter withoutHead: leaves the head as it is, and says nothing of it.
  /// - Throws: `SafetensorsError`, or `ModelError` where nothing of the encoder is found or a shape differs.
  public func load(into state: ModelState, withoutHead: Bool = false) throws -> Report {
    let (path, file) = (weights.path, weights)
    var report = Report()
    var found = Set<String>()
    func isLeftOut(_ name: String) -> Bool { withoutHead && name.hasPrefix(Self.head) }
    for entry in file.entries where !isLeftOut(entry.name) {
      guard !PretrainedNames.isBuffer(entry.name) else {
        report.buffers.append(entry.name)
        continue
      }
      guard let slice = Self.candidates(for: entry.name).lazy.compactMap({ state.layout[$0] }).first else {
        report.unexpected.append(entry.name)
        continue
      }
      if headLabels == nil, slice.name.hasPrefix(Self.head) {
        report.unexpected.append(entry.name)
        continue
      }
      guard entry.shape == slice.shape.dimensions else {
        throw ModelError(
          file: path, problem: "\(entry.name) has shape \(entry.shape), and the configuration asks for \(slice.shape)",
          remedy: "use the config.json that belongs to these weights, and the number of labels they were trained with")
      }
      guard found.insert(slice.name).inserted else {
        throw ModelError(file: path, problem: "\(slice.name) is there twice", remedy: "remove one of them")
      }
      try file.readFinite(entry.name, into: state.weights[slice.name]!)
    }
    report.missing = state.layout.slices.map(\.name).filter { !found.contains($0) && !isLeftOut($0) }
    let isEssential = { (name: String) in name.hasPrefix("bert.embeddings.") || name.hasPrefix("bert.encoder.") }
    if let absent = report.missing.first(where: isEssential) {
      throw ModelError(
        file: path, problem: "lacks \(absent) (\(report.missing.count) tensors are missing in all)",
        remedy: "use the config.json that belongs to these weights")
    }
    return report
  }

  /// How the names of the head's tensors begin.
  private static let head = "classifier."

  /// The names a checkpoint's tensor may have in the model, best first.
  static func candidates(for name: String) -> [String] { names.candidates(for: name) }

  private static let names = PretrainedNames(prefix: "bert.", endings: PretrainedNames.gammaAndBeta)
}
