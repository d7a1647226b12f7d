/// The encoders that are computed here, a family a line; nothing else names one.
public enum EncoderFamilies {
  public static let all: [any EncoderFamily.Type] = [
    BERT.self
  ]

  /// Every `model_type`.
  public static var modelTypes: [String] { all.flatMap { $0.modelTypes } }

  /// The family of a `model_type`; the first one where it is nil. Nil where none has it.
  public static func family(of modelType: String?) -> (any EncoderFamily.Type)? {
    guard let modelType else { return all[0] }
    return all.first { $0.modelTypes.contains(modelType) }
  }

  /// The member of a family that the keys of a `config.json` or of a recipe describe.
  /// - Throws: `ModelError` that names the key.
  public static func read(_ json: [String: Any], source: String) throws -> any EncoderFamily {
    let reader = ConfigurationReader(json: json, source: source)
    try reader.require("model_type", oneOf: modelTypes)
    for key in ["pruned_heads", "quantization_config", "auto_map"] { try reader.refuse(key) }
    guard let family = family(of: json["model_type"] as? String) else {
      preconditionFailure("a model_type that was checked has no family")
    }
    return try family.init(json: json, source: source)
  }
}
