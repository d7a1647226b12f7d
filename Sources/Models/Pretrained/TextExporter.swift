import Checkpoints
import Tensors
import Text

/// Writes models as directories that `transformers` opens.
public struct TextExporter: ModelExporter {
  let family: any EncoderFamily
  let head: HeadDesign
  let labels: Int
  let labelNames: [String]?
  let maximumLength: Int
  let tokenizer: any Tokenizer

  public init(
    family: any EncoderFamily, head: HeadDesign? = nil, labels: Int, labelNames: [String]?,
    tokenizer: any Tokenizer, maximumLength: Int
  ) {
    self.family = family
    self.head = head ?? family.head
    self.labels = labels
    self.labelNames = labelNames
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  public func write(weights: Arena, buffers: Arena, to path: String) throws {
    let folder = try ModelFolder(creating: path)
    try folder.writeTensors(of: [weights, buffers, constants])
    let readsTypes = type(of: family).keys.typeVocabularySize != nil
    for file in try tokenizer.exported(maximumLength: maximumLength, readsTypes: readsTypes) {
      try AtomicFile.write(file.content, to: path + "/" + file.name)
    }
    // The last file written is the one without which the directory is no model.
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
    family.completeJSON.merging(headJSON) { _, new in new }
      .merging(ModelFolder.classTables(labelNames ?? ModelFolder.usualClassNames(labels))) { _, new in new }
      .merging(["problem_type": "single_label_classification", "torch_dtype": "float32"]) { _, new in new }
  }

  /// A head that transformers does not have: it opens the encoder.
  private var headJSON: [String: Any] {
    guard !family.isUsual(head) else { return [:] }
    return ["architectures": [type(of: family).architectures.encoder], HeadDesign.key: head.json]
  }

  /// What a user should know of the models that are written; nil where transformers opens them as classifiers.
  public var note: String? {
    guard !family.isUsual(head) else { return nil }
    return
      "the head (pooling \(head.pooling.rawValue)) is computed here alone: transformers opens the exported models as "
      + "\(type(of: family).architectures.encoder), without it"
  }
}
