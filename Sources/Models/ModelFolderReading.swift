import Foundation
import Support

/// What lies in a folder that is given as a model's, and what to do where it is something else.
extension ModelFolder {
  /// The object in a folder's `config.json`.
  /// - Throws: `ModelError` where it is missing or not a JSON object, with what to do about either.
  static func configuration(of path: String, ifMissing: String, ifBroken: String) throws -> [String: Any] {
    let file = path + "/config.json"
    if let error = FileReader.refusal(file) {
      throw ModelError(file: file, problem: "cannot be read (\(error.reason))", remedy: ifBroken)
    }
    guard let data = FileReader.contents(file) else {
      throw Self.missing(in: path, remedy: ifMissing)
    }
    guard let json = try? JSONSerialization.jsonObject(with: Data(data)) as? [String: Any] else {
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

  /// The file of a folder's weights.
  /// - Throws: `ModelError` where they are missing, or in a format that is not read.
  static func weights(in path: String) throws -> String {
    let file = path + "/model.safetensors"
    if contains("model.safetensors", path) { return file }
    let remedy =
      "save them as one model.safetensors: in Python, AutoModelForSequenceClassification.from_pretrained(\"\(path)\")"
      + ".save_pretrained(\"NEW\", max_shard_size=\"100GB\")"
    if contains("model.safetensors.index.json", path) {
      throw ModelError(
        file: path, problem: "has its weights in several files (model.safetensors.index.json), which are not read",
        remedy: remedy)
    }
    let others = ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack"]
    if let other = others.first(where: { contains($0, path) }) {
      throw ModelError(file: path, problem: "has its weights only as \(other), which is not read", remedy: remedy)
    }
    throw ModelError(
      file: file, problem: "is missing", remedy: "give a Hugging Face folder with weights, or download them again")
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
  case bert
  case residualNetwork

  /// The kind of the model in a folder, which its `config.json` says.
  /// - Throws: `ModelError` where there is no such file, or it is of another kind.
  public init(of path: String) throws {
    switch try ModelFolder.modelType(of: path) {
    case nil, "bert": self = .bert
    case ResidualConfiguration.modelType: self = .residualNetwork
    case let other?:
      throw ModelError(
        file: path + "/config.json", problem: "model_type is \(other), which is not computed here",
        remedy: "use a model of type bert, or an image classifier of this program (\(ResidualConfiguration.modelType))")
    }
  }
}
