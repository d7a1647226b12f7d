import Checkpoints
import Foundation
import Tensors

/// Writes models as directories that `transformers` opens.
public struct BertExporter: ModelExporter {
  let configuration: BertConfiguration
  let labels: Int
  let labelNames: [String]?
  let maximumLength: Int
  let lowercases: Bool
  /// The vocabulary's file, which is copied.
  let vocabulary: String

  public init(
    configuration: BertConfiguration, labels: Int, labelNames: [String]?, vocabulary: String, lowercases: Bool,
    maximumLength: Int
  ) {
    self.configuration = configuration
    self.labels = labels
    self.labelNames = labelNames
    self.vocabulary = vocabulary
    self.lowercases = lowercases
    self.maximumLength = maximumLength
  }

  public func write(weights: Arena, buffers: Arena, to path: String) throws {
    let folder = try ModelFolder(creating: path)
    try folder.writeTensors(of: [weights, buffers])
    try writeVocabulary(to: path)
    try folder.writeJSON(
      [
        "tokenizer_class": "BertTokenizer", "do_lower_case": lowercases,
        // Whoever reads long rows with this tokenizer cuts them where training did.
        "model_max_length": maximumLength,
        "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]",
      ], to: "tokenizer_config.json")
    // The last file written is the one without which the directory is no model.
    try folder.writeJSON(configurationJSON, to: "config.json")
  }

  private var configurationJSON: [String: Any] {
    configuration.json
      .merging(ModelFolder.classTables(labelNames ?? ModelFolder.usualClassNames(labels))) { _, new in new }
      .merging(["problem_type": "single_label_classification", "torch_dtype": "float32"]) { _, new in new }
  }

  private func writeVocabulary(to path: String) throws {
    guard let bytes = FileManager.default.contents(atPath: vocabulary) else {
      throw ModelError(file: vocabulary, problem: "cannot be read", remedy: "put the vocabulary back")
    }
    try AtomicFile.write(
      [UInt8](bytes), to: path + "/" + (vocabulary.hasSuffix(".json") ? "tokenizer.json" : "vocab.txt"))
  }
}
