import Checkpoints
import Data
import Foundation
import Layers
import Tensors
import Text

/// A Hugging Face directory of a text model: `config.json`, `model.safetensors`, a vocabulary, tokenizer options.
public struct PretrainedDirectory {
  public let path: String
  public let family: any EncoderFamily
  /// The head that its weights are of, whether or not they are there.
  public let head: HeadDesign
  /// The head of a language model, where the weights are of one; nil where they are not.
  public let vocabularyHead: HeadDesign?
  private let tiesWords: Bool
  /// The names of the head's classes, `LABEL_0` … where the directory gives none; of a directory without a head those of
  /// `id2label`, if any.
  public let labelNames: [String]?
  /// The classes of the head; nil where the weights have no head.
  public let headLabels: Int?
  /// `problem_type` of the configuration.
  public let problemType: String?
  /// What it says as a folder of sentence-transformers; nil where it is none.
  public let sentences: SentenceFolder?
  /// How the model was trained to read rows that are too long: in windows; nil where they are cut.
  public let windows: RowWindows?
  private let architecture: String?
  private let settings: [String: Any]
  private let weights: PretrainedWeights
  private let names: PretrainedNames

  /// The file of the weights, for messages.
  public var weightsFile: String { weights.path }

  /// What a checkpoint and a model have not in common.
  public struct Report: Equatable {
    /// Of the model but not of the checkpoint: they keep their random values.
    public var missing: [String] = []
    /// Of the checkpoint but not of the model: they are ignored.
    public var unexpected: [String] = []
    /// Of the checkpoint, and no parameters of any model: a function of the configuration, of which nothing need be said.
    public var buffers: [String] = []

    package init() {}

    /// What the user should know of the checkpoint in a folder.
    public func notes(on folder: String) -> [String] {
      let heads = unexpected.compactMap(PretrainedNames.pretrainingHead)
      let others = unexpected.filter { PretrainedNames.pretrainingHead(of: $0) == nil }
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

  /// What of a checkpoint's head a model takes.
  public enum HeadPart: Sendable {
    case all
    /// All but the map to scores, and the scores between tags.
    case layers
    /// Nothing but a pooler, which belongs to the encoder.
    case none
  }

  /// Reads all but the weights; of them the shapes, with which the configuration must agree.
  /// - Throws: `ModelError` where the folder cannot be used, or `SafetensorsError`.
  public init(path: String) throws {
    self.path = path
    let facts = try PretrainedFacts(path: path)
    (family, head) = (facts.family, facts.head)
    (vocabularyHead, tiesWords) = (facts.vocabularyHead, facts.tiesWords)
    sentences = try SentenceFolder(path: path, width: facts.family.configuration.hiddenSize)
    names = PretrainedNames(type(of: facts.family))
    weights = try PretrainedWeights.open(directory: path)
    let source = path + "/config.json"
    let shapes = TensorShapes(weights, names: names)
    try shapes.check(family.sizes, source: source)
    (problemType, architecture, settings) = (facts.problemType, facts.architecture, facts.settings)
    windows = facts.windows
    headLabels = shapes[head.scores + ".weight"]?.first
    // A score an option has no name, and transformers leaves its usual names of classes there.
    let areNamed = !(facts.architecture?.hasSuffix("ForMultipleChoice") ?? false)
    labelNames = (areNamed ? facts.names : nil) ?? headLabels.map(ModelFolder.usualClassNames)
    for (key, count) in [("id2label", facts.names?.count), ("num_labels", facts.labels)] {
      guard areNamed, let count, let rows = headLabels, count != rows else { continue }
      throw ModelError(
        file: source,
        problem:
          "\(key) \(key == "id2label" ? "has \(count) names" : "is \(count)"), and the head in \(weights.path) has "
          + "\(rows) rows", remedy: "use the config.json that belongs to these weights")
    }
  }

  /// - Throws: `ModelError` where a tokenizer gives ids that the word embedding does not have.
  public func checkIDs(of tokenizer: any Tokenizer) throws {
    try family.checkIDs(of: tokenizer)
  }

  /// What its vectors are compared as, where it is a folder of sentence-transformers.
  public var vectorDescription: HeadDescription? {
    sentences.map { _ in
      HeadDescription(source: path + "/config.json", outputs: 0, architecture: architecture, settings: settings)
    }
  }

  /// What the scores of its language model's head mean; nil where the weights are not of one.
  public var vocabularyDescription: HeadDescription? {
    vocabularyHead.map { _ in
      HeadDescription(
        source: path + "/config.json", outputs: family.configuration.vocabularySize, architecture: architecture,
        settings: settings)
    }
  }

  /// - Throws: `ModelError` where its language model's head has a decoder with its own weights.
  public func requireTiedWords() throws {
    guard vocabularyHead != nil, !tiesWords else { return }
    throw ModelError(
      file: path + "/config.json",
      problem: "tie_word_embeddings is false, and a decoder with its own weights is not computed here",
      remedy: "use a model whose decoder is its word embeddings")
  }

  /// What the scores of its head mean; nil where the weights have no head.
  public var description: HeadDescription? {
    headLabels.map { outputs in
      HeadDescription(
        source: path + "/config.json", outputs: outputs, names: labelNames, problemType: problemType,
        architecture: architecture, settings: settings)
    }
  }

  /// Copies the checkpoint's tensors into a model, joined by name.
  ///
  /// Names may lack the encoder's prefix and may use the old `gamma` and `beta`; `position_ids` is ignored. The head may be
  /// missing (a pretrained encoder), or read something else than the model's (then it is not used); any other tensor of another
  /// shape is an error.
  ///
  /// - Parameter part: the rest of the head is left as it is, and nothing is said of it.
  /// - Throws: `SafetensorsError`, or `ModelError` where nothing of the encoder is found or a shape differs.
  public func load(into state: ModelState, head part: HeadPart = .all) throws -> Report {
    let (path, file) = (weights.path, weights)
    var report = Report()
    var found = Set<String>()
    let constants = family.constants.map(\.name)
    func isConstant(_ name: String) -> Bool { constants.contains { name == $0 || name.hasSuffix("." + $0) } }
    func isLeftOut(_ name: String) -> Bool {
      switch part {
      case .all: false
      case .layers: name.hasPrefix(head.scores + ".") || name.hasPrefix(HeadDesign.transitions + ".")
      case .none: !name.hasPrefix(names.prefix)
      }
    }
    let hasFittingHead = hasFittingHead(for: state.layout)
    let copies = tiedCopies(in: state.layout)
    for entry in file.entries {
      if isConstant(entry.name) { continue }
      guard !PretrainedNames.isBuffer(entry.name), !copies.contains(entry.name) else {
        report.buffers.append(entry.name)
        continue
      }
      guard let slice = names.candidates(for: entry.name).lazy.compactMap({ state.layout[$0] }).first else {
        report.unexpected.append(entry.name)
        continue
      }
      if isLeftOut(slice.name) { continue }
      guard hasFittingHead || !slice.name.hasPrefix(head.scores + ".") else {
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
    let pooler = family.pooler?.name
    if let absent = report.missing.first(where: { name in
      name.hasPrefix(names.prefix) && pooler.map { !name.hasPrefix($0 + ".") } ?? true
    }) {
      throw ModelError(
        file: path, problem: "lacks \(absent) (\(report.missing.count) tensors are missing in all)",
        remedy: "use the config.json that belongs to these weights")
    }
    return report
  }

  /// The tensors of a file that a model with a tied decoder has once alone.
  private func tiedCopies(in layout: ArenaLayout) -> [String] {
    let head = family.vocabularyHead
    return layout[head.scores + ".bias"] == nil ? [] : head.decoder?.copies ?? []
  }

  /// Whether the map to scores reads what that of the model reads, for as many classes or others.
  private func hasFittingHead(for layout: ArenaLayout) -> Bool {
    guard let slice = layout[head.scores + ".weight"],
      let entry = weights.entries.first(where: { names.candidates(for: $0.name).contains(slice.name) })
    else { return true }
    return entry.shape.dropFirst() == slice.shape.dimensions.dropFirst()
  }
}

extension EncoderFamily {
  /// - Throws: `ModelError` where a tokenizer gives ids that the word embedding does not have, naming the file and the
  ///   first token beyond.
  public func checkIDs(of tokenizer: any Tokenizer) throws {
    let (file, size) = (tokenizer.file, configuration.vocabularySize)
    guard tokenizer.vocabularyCount <= size else {
      throw ModelError(
        file: file, problem: "has \(tokenizer.vocabularyCount) tokens, and the model's vocab_size is \(size)",
        remedy: "use the vocabulary that belongs to the model")
    }
    guard let beyond = tokenizer.addedToken(from: size) else { return }
    throw ModelError(
      file: file,
      problem:
        "and the files next to it give the added token \(beyond.spelling) the id \(beyond.id), and the model's "
        + "vocab_size is \(size)",
      remedy: "remove the token, or use the tokenizer that belongs to the model")
  }
}
