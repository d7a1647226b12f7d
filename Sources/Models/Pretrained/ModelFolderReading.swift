import Foundation

/// What lies in a folder that is given as a model's, and what to do where it is something else.
extension ModelFolder {
  /// The object in a folder's `config.json`.
  /// - Throws: `ModelError` where it is missing or not a JSON object, with what to do about either.
  static func configuration(of path: String, ifMissing: String, ifBroken: String) throws -> [String: Any] {
    let file = path + "/config.json"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Self.missing(in: path, remedy: ifMissing)
    }
    guard let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw ModelError(file: file, problem: "is not a JSON object", remedy: ifBroken)
    }
    return json
  }

  /// Why a folder has no `config.json`.
  private static func missing(in path: String, remedy: String) -> ModelError {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return ModelError(file: path, problem: "does not exist", remedy: "correct the path, or \(remedy)")
    }
    guard isFolder.boolValue else {
      return ModelError(file: path, problem: "is a file, not a model's folder", remedy: "give the folder it lies in")
    }
    for name in ["best", "last", "ema", "swa"] where contains("models/\(name)/config.json", path) {
      return ModelError(
        file: path, problem: "is the folder of a run, not of a model", remedy: "give \(path)/models/\(name)")
    }
    if contains("config.json", path + "/best") || contains("config.json", path + "/last") {
      let name = contains("config.json", path + "/best") ? "best" : "last"
      return ModelError(file: path, problem: "is a folder of several models", remedy: "give \(path)/\(name)")
    }
    if contains("manifest.json", path) {
      return ModelError(
        file: path, problem: "is a checkpoint, not a model's folder",
        remedy: "write its model with lockstep checkpoint export")
    }
    return ModelError(file: path + "/config.json", problem: "is missing", remedy: remedy)
  }

  private static func contains(_ name: String, _ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + name)
  }

  /// `model_type` of a folder's `config.json`; nil where it has none.
  static func modelType(of path: String) throws -> String? {
    try configuration(
      of: path, ifMissing: "give the folder of a trained classifier", ifBroken: "export the model again"
    )["model_type"].map { "\($0)" }
  }
}

/// The kinds of model that are computed here.
public enum ModelKind: Sendable {
  case text
  case residualNetwork

  /// The kind of the model in a folder, which its `config.json` says.
  /// - Throws: `ModelError` where there is no such file, or it is of another kind.
  public init(of path: String) throws {
    let type = try ModelFolder.modelType(of: path)
    if type == ResidualConfiguration.modelType {
      self = .residualNetwork
    } else if EncoderFamilies.family(of: type) != nil {
      self = .text
    } else {
      throw ModelError(
        file: path + "/config.json", problem: "model_type is \(type ?? "null"), which is not computed here",
        remedy:
          "use a model of type \(EncoderFamilies.modelTypes.joined(separator: ", ")), or an image classifier of this"
          + " program (\(ResidualConfiguration.modelType))")
    }
  }
}
