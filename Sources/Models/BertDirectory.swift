import Checkpoints
import Foundation
import Layers
import Tensors

/// A Hugging Face directory of a BERT model: `config.json`, `model.safetensors`, a vocabulary, tokenizer options.
public struct BertDirectory {
  public let path: String
  public let configuration: BertConfiguration
  /// The class names of `id2label`, where the directory has them.
  public let labelNames: [String]?
  /// Tokens of a row, special tokens included, that the model was trained with.
  public let maximumLength: Int

  /// What a checkpoint and a model have not in common.
  public struct Report: Equatable {
    /// Of the model but not of the checkpoint: they keep their random values.
    public var missing: [String] = []
    /// Of the checkpoint but not of the model: they are ignored.
    public var unexpected: [String] = []
  }

  /// - Throws: `ModelError` where `config.json` is missing, no JSON, or of a model that cannot be computed here.
  public init(path: String) throws {
    self.path = path
    let json = try ModelFolder.configuration(
      of: path, ifMissing: "give a Hugging Face directory of a BERT model", ifBroken: "download it again")
    configuration = try BertConfiguration(json: json, source: path + "/config.json")
    labelNames = ModelFolder.classNames(json)
    let tokenizer = FileManager.default.contents(atPath: path + "/tokenizer_config.json")
    let options = try? tokenizer.map { try JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    maximumLength = min(options??["model_max_length"] as? Int ?? .max, configuration.maximumPositions)
  }

  /// Copies the checkpoint's tensors into a model, joined by name.
  ///
  /// Names may lack the `bert.` prefix and may use the old `gamma` and `beta`; `position_ids` is ignored. The head may be
  /// missing (a pretrained encoder); a tensor of another shape is an error.
  ///
  /// - Parameter withoutHead: leaves the head as it is, and says nothing of it.
  /// - Throws: `SafetensorsError`, or `ModelError` where nothing of the encoder is found or a shape differs.
  public func load(into state: ModelState, withoutHead: Bool = false) throws -> Report {
    let path = path + "/model.safetensors"
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw ModelError(file: path, problem: "cannot be read", remedy: "give a Hugging Face directory with weights")
    }
    let file = try SafetensorsFile(path)
    var report = Report()
    var found = Set<String>()
    func isLeftOut(_ name: String) -> Bool { withoutHead && name.hasPrefix(Self.head) }
    for entry in file.entries where !entry.name.hasSuffix("position_ids") && !isLeftOut(entry.name) {
      guard let slice = Self.candidates(for: entry.name).lazy.compactMap({ state.layout[$0] }).first else {
        report.unexpected.append(entry.name)
        continue
      }
      guard entry.shape == slice.shape.dimensions else {
        throw ModelError(
          file: path, problem: "\(entry.name) has shape \(entry.shape), and the configuration asks for \(slice.shape)",
          remedy: "use the config.json that belongs to these weights, and the number of labels they were trained with")
      }
      guard found.insert(slice.name).inserted else {
        throw ModelError(file: path, problem: "\(slice.name) is there twice", remedy: "remove one of them")
      }
      try file.read(entry.name, into: state.weights[slice.name]!)
    }
    report.missing = state.layout.slices.map(\.name).filter { !found.contains($0) && !isLeftOut($0) }
    let isEssential = { (name: String) in name.hasPrefix("bert.embeddings.") || name.hasPrefix("bert.encoder.") }
    if let absent = report.missing.first(where: isEssential) {
      throw ModelError(
        file: path, problem: "lacks \(absent) (\(report.missing.count) tensors are missing in all)",
        remedy: "use the config.json that belongs to these weights")
    }
    return report
  }

  /// How the names of the head's tensors begin.
  private static let head = "classifier."

  /// The number of classes that the checkpoint's head scores; nil where it has none.
  public func headClasses() throws -> Int? {
    let path = path + "/model.safetensors"
    guard FileManager.default.isReadableFile(atPath: path) else { return nil }
    return try SafetensorsFile(path).entries.first { $0.name == Self.head + "weight" }?.shape.first
  }

  /// The names a checkpoint's tensor may have in the model, best first.
  static func candidates(for name: String) -> [String] {
    var modern = name
    for (old, new) in [(".gamma", ".weight"), (".beta", ".bias")] where modern.hasSuffix(old) {
      modern = String(modern.dropLast(old.count)) + new
    }
    return [modern, "bert." + modern]
  }
}
