import Checkpoints
import Tensors
import Text

/// Writes models as directories that `transformers` opens.
public struct TextExporter: ModelExporter {
  let family: any EncoderFamily
  let labels: Int
  let labelNames: [String]?
  let maximumLength: Int
  let tokenizer: any Tokenizer

  public init(
    family: any EncoderFamily, labels: Int, labelNames: [String]?, tokenizer: any Tokenizer, maximumLength: Int
  ) {
    self.family = family
    self.labels = labels
    self.labelNames = labelNames
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  public func write(weights: Arena, buffers: Arena, to path: String) throws {
    let folder = try ModelFolder(creating: path)
    try folder.writeTensors(of: [weights, buffers])
    for file in try tokenizer.exported(maximumLength: maximumLength, side: tokenizer.truncationSide) {
      try AtomicFile.write(file.content, to: path + "/" + file.name)
    }
    // The last file written is the one without which the directory is no model.
    try folder.writeJSON(configurationJSON, to: "config.json")
  }

  private var configurationJSON: [String: Any] {
    family.completeJSON
      .merging(ModelFolder.classTables(labelNames ?? ModelFolder.usualClassNames(labels))) { _, new in new }
      .merging(["problem_type": "single_label_classification", "torch_dtype": "float32"]) { _, new in new }
  }
}
