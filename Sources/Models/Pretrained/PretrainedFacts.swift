import Foundation

/// What the `config.json` of a text model says: what is computed, and what the scores mean.
public struct PretrainedFacts {
  public let family: any EncoderFamily
  /// The class names of `id2label` in the order of their numbers; nil where there is none.
  public let names: [String]?
  /// `num_labels`, where it is stated.
  public let labels: Int?
  /// `problem_type`, where it is stated.
  public let problemType: String?

  /// - Throws: `ModelError` where the folder or its `config.json` cannot be used, naming the key.
  public init(path: String) throws {
    let json = try ModelFolder.configuration(
      of: path, ifMissing: "give a Hugging Face folder of a text model", ifBroken: "download it again")
    let source = path + "/config.json"
    family = try EncoderFamilies.read(json, source: source)
    names = try ClassNames.read(json, source: source)
    let reader = ConfigurationReader(json: json, source: source)
    labels = json["num_labels"] is NSNull || json["num_labels"] == nil ? nil : try reader.positive("num_labels", 1)
    try reader.require(
      "problem_type", oneOf: ["single_label_classification", "multi_label_classification", "regression"])
    problemType = json["problem_type"] as? String
  }
}
