import Checkpoints
import Foundation
import Support
import Tensors
import Text

/// Writes models as directories that `transformers` opens.
public struct BertExporter: ModelExporter {
  let configuration: BertConfiguration
  let labels: Int
  let labelNames: [String]?
  let maximumLength: Int
  let tokenizer: WordPieceTokenizer
  /// Whether the library follows tokenizer.json alone, whatever the other files say.
  let isGeneric: Bool

  /// - Parameters:
  ///   - tokenizer: its vocabulary's file is copied, and all that is stated elsewhere is written anew.
  ///   - isGeneric: see `TokenizerFiles.isGeneric`.
  public init(
    configuration: BertConfiguration, labels: Int, labelNames: [String]?, tokenizer: WordPieceTokenizer,
    isGeneric: Bool = false, maximumLength: Int
  ) {
    self.configuration = configuration
    self.labels = labels
    self.labelNames = labelNames
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
    self.isGeneric = isGeneric && tokenizer.vocabulary.file.hasSuffix(".json")
  }

  public func write(weights: Arena, buffers: Arena, to path: String) throws {
    let folder = try ModelFolder(creating: path)
    try folder.writeTensors(of: [weights, buffers])
    try writeVocabulary(to: path)
    try folder.writeJSON(tokenizerJSON, to: "tokenizer_config.json")
    // The last file written is the one without which the directory is no model.
    try folder.writeJSON(configurationJSON, to: "config.json")
  }

  private var configurationJSON: [String: Any] {
    configuration.json
      .merging(ModelFolder.classTables(labelNames ?? ModelFolder.usualClassNames(labels))) { _, new in new }
      .merging(["problem_type": "single_label_classification", "torch_dtype": "float32"]) { _, new in new }
  }

  /// Everything that decides the ids is stated, though it be the default: defaults differ between versions and classes.
  private var tokenizerJSON: [String: Any] {
    let options = tokenizer.options
    let inputs = ["input_ids"] + (options.marksPairs ? ["token_type_ids"] : []) + ["attention_mask"]
    return [
      "tokenizer_class": isGeneric ? "PreTrainedTokenizerFast" : "BertTokenizer",
      "do_lower_case": options.lowercase, "strip_accents": options.stripAccents,
      "tokenize_chinese_chars": options.tokenizeChineseCharacters, "truncation_side": options.truncationSide.rawValue,
      "model_input_names": inputs,
      // Whoever reads long rows with this tokenizer cuts them where training did.
      "model_max_length": maximumLength, "added_tokens_decoder": addedTokens,
      "additional_special_tokens": otherSpecialTokens,
    ].merging(namedTokens) { $1 }
  }

  /// The special tokens by their keys. Where tokenizer.json alone counts, a key would make an added token of one that is
  /// none.
  private var namedTokens: [String: Any] {
    let names = tokenizer.names
    let all = [
      "cls_token": names.classification, "sep_token": names.separator, "pad_token": names.padding,
      "unk_token": names.unknown, "mask_token": names.mask,
    ]
    return all.filter { _, name in
      !isGeneric || tokenizer.addedTokens.entries.contains { $0.token.content.utf8.elementsEqual(name.utf8) }
    }
  }

  private var addedTokens: [String: Any] {
    var tokens: [String: Any] = [:]
    for entry in tokenizer.addedTokens.entries {
      let token = entry.token
      tokens[String(entry.id)] = [
        "content": token.content, "single_word": token.isSingleWord, "lstrip": token.stripsLeft,
        "rstrip": token.stripsRight, "normalized": token.isNormalized, "special": token.isSpecial,
      ]
    }
    return tokens
  }

  private var otherSpecialTokens: [String] {
    let names = tokenizer.names
    let named = [names.classification, names.separator, names.padding, names.unknown, names.mask]
    return tokenizer.addedTokens.entries.filter { $0.token.isSpecial && !named.contains($0.token.content) }
      .map(\.token.content)
  }

  private func writeVocabulary(to path: String) throws {
    let file = tokenizer.vocabulary.file
    guard let bytes = FileReader.contents(file) else {
      throw ModelError(file: file, problem: "cannot be read", remedy: "put the vocabulary back")
    }
    try AtomicFile.write([UInt8](bytes), to: path + "/" + (file.hasSuffix(".json") ? "tokenizer.json" : "vocab.txt"))
  }
}
