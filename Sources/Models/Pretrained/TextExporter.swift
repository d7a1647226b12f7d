import Checkpoints
import Data
import Tensors
import Text

/// Writes models as directories that `transformers` opens.
public struct TextExporter: ModelExporter {
  let family: any EncoderFamily
  let head: HeadDesign
  private(set) var description: HeadDescription
  let maximumLength: Int
  let tokenizer: any Tokenizer
  /// Of rows that are longer; nil where they are cut.
  let windows: RowWindows?

  public init(
    family: any EncoderFamily, head: HeadDesign? = nil, description: HeadDescription, tokenizer: any Tokenizer,
    maximumLength: Int, windows: RowWindows? = nil
  ) {
    self.family = family
    self.head = head ?? family.head
    self.description = description
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
    self.windows = windows
  }

  public func describing(_ head: HeadDescription) -> any ModelExporter {
    var exporter = self
    exporter.description = head
    return exporter
  }

  public func write(weights: Arena, buffers: Arena, to path: String) throws {
    let folder = try ModelFolder(creating: path)
    let scaled = description.scale?.applied(to: weights, head: head.scores) ?? weights
    try folder.writeTensors(of: [scaled, buffers, constants])
    let readsTypes = type(of: family).keys.typeVocabularySize != nil
    for file in try tokenizer.exported(maximumLength: maximumLength, readsTypes: readsTypes) {
      try AtomicFile.write(file.content, to: path + "/" + file.name)
    }
    if !head.hasScores {
      let sentences = SentenceFolder(head: head, maximumLength: maximumLength)
      try sentences.write(to: folder, width: family.configuration.hiddenSize)
    }
    // The last file written is the one without which the directory is not a model.
    try folder.writeJSON(configurationJSON, to: "config.json")
  }

  private var constants: Arena {
    let constants = family.constants
    let prefix = type(of: family).prefix
    let arena = Arena(layout: ArenaLayout(constants.map { ("\(prefix).\($0.name)", $0.shape) }))
    for (constant, slice) in zip(constants, arena.layout.slices) {
      for index in 0..<constant.shape.count { arena.pointer[slice.offset + index] = constant.element(index) }
    }
    return arena
  }

  private var configurationJSON: [String: Any] {
    family.completeJSON.merging(description.json.merging(["torch_dtype": "float32"]) { $1 }) { $1 }
      .merging(headJSON) { $1 }.merging(windows?.json ?? [:]) { $1 }
  }

  /// A head that transformers does not have: it opens the encoder.
  private var headJSON: [String: Any] {
    let names = type(of: family).architectures
    if !head.hasScores { return ["architectures": [names.encoder]] }
    guard !isUsual else {
      let tied: [String: Any] = head.decoder == nil ? [:] : ["tie_word_embeddings": true]
      return tied.merging(["architectures": [names.named(description.architecture)]]) { $1 }
    }
    return ["architectures": [names.encoder], HeadDesign.key: head.json]
  }

  /// Whether transformers has a class that computes the same.
  private var isUsual: Bool { family.isUsual(head) }

  /// What a user should know of the models that are written: where transformers does not compute the same.
  public var notes: [String] { [headNote, transitionNote, windowNote].compactMap(\.self) }

  private var headNote: String? {
    guard !isUsual, head.hasScores else { return nil }
    return
      "the head (pooling \(head.pooling.rawValue)) is computed here alone: transformers opens the exported models as "
      + "\(type(of: family).architectures.encoder), without it"
  }

  private var transitionNote: String? {
    guard head.hasTransitions else { return nil }
    return
      "the scores between tags (\(HeadDesign.transitions).transitions) are used here alone: transformers opens the exported"
      + " models, and gives each word the tag of its own largest score"
  }

  private var windowNote: String? {
    guard windows != nil, description.architecture?.hasSuffix(Architectures.ofSpans) != true else { return nil }
    if head.readsWords {
      return
        "the words of a row's windows are put together here alone: transformers opens the exported models, and cuts rows"
        + " that are longer than \(maximumLength) tokens"
    }
    return
      "the scores of a row's windows are averaged here alone: transformers opens the exported models, and cuts rows that"
      + " are longer than \(maximumLength) tokens"
  }
}
