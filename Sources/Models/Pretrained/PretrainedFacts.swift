import Data
import Foundation

/// What the `config.json` of a text model says: what is computed, and what the scores mean.
public struct PretrainedFacts {
  public let family: any EncoderFamily
  /// The head that the weights are of.
  public let head: HeadDesign
  /// The head of a language model, where the weights are of one; nil where they are not.
  let vocabularyHead: HeadDesign?
  /// Whether such a head's decoder is the word embeddings.
  let tiesWords: Bool
  /// The class names of `id2label` in the order of their numbers; nil where there is none.
  public let names: [String]?
  /// `num_labels`, where it is stated.
  public let labels: Int?
  /// `problem_type`, where it is stated.
  public let problemType: String?
  /// The first of `architectures`.
  let architecture: String?
  /// `lockstep_task`: what transformers does not know of the head.
  let settings: [String: Any]
  /// How rows that are too long are read; nil where they are cut.
  let windows: RowWindows?

  /// - Throws: `ModelError` where the folder or its `config.json` cannot be used, naming the key.
  public init(path: String) throws {
    let json = try ModelFolder.configuration(
      of: path, ifMissing: "give a Hugging Face folder of a text model", ifBroken: "download it again")
    let source = path + "/config.json"
    let reader = ConfigurationReader(json: json, source: source)
    let family = try EncoderFamilies.read(json, source: source)
    self.family = family
    let architecture = (json["architectures"] as? [Any])?.first as? String
    let usual = family.head(ofArchitecture: architecture)
    settings = json[HeadDescription.key] as? [String: Any] ?? [:]
    if reader.has(HeadDescription.key), settings.isEmpty {
      throw reader.wrong(HeadDescription.key, "is not an object with keys")
    }
    do {
      var head = try HeadChoice(reader).map { try family.head($0) } ?? usual
      head.hasTransitions = try Self.hasTransitions(settings, head, reader)
      self.head = head
    } catch let problem as HeadProblem {
      throw reader.wrong("\(HeadDesign.key).\(problem.key)", problem.problem)
    }
    vocabularyHead = architecture?.hasSuffix(Architectures.ofVocabulary) == true ? family.vocabularyHead : nil
    tiesWords = try reader.flag("tie_word_embeddings", true)
    names = try ClassNames.read(json, source: source)
    labels = json["num_labels"] is NSNull || json["num_labels"] == nil ? nil : try reader.positive("num_labels", 1)
    try reader.require(
      "problem_type", oneOf: ["single_label_classification", "multi_label_classification", "regression"])
    problemType = json["problem_type"] as? String
    windows = try RowWindows(reader)
    self.architecture = architecture
  }

  /// Whether the weights have scores between tags.
  private static func hasTransitions(
    _ settings: [String: Any], _ head: HeadDesign, _ reader: ConfigurationReader
  ) throws -> Bool {
    guard let given = settings[HeadDesign.transitions] else { return false }
    let key = "\(HeadDescription.key).\(HeadDesign.transitions)"
    guard let hasTransitions = given as? Bool else { throw reader.wrong(key, "is neither true nor false") }
    guard head.readsWords || !hasTransitions else { throw reader.wrong(key, "is true, and the model labels no words") }
    return hasTransitions
  }
}
