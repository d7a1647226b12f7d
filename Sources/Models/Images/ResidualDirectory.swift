import Checkpoints
import Foundation
import Layers
import Tensors

/// The directory of a residual network: `config.json` and `model.safetensors`, the running statistics among its tensors.
public struct ResidualDirectory {
  public let path: String
  public let configuration: ResidualConfiguration
  /// The class names of `id2label`, where the directory has them.
  public let labelNames: [String]?

  /// - Throws: `ModelError` where `config.json` is missing, no JSON, or of another model.
  public init(path: String) throws {
    self.path = path
    let json = try ModelFolder.configuration(
      of: path, ifMissing: "give the folder of a trained image classifier", ifBroken: "export the model again")
    configuration = try ResidualConfiguration(json: json, source: path + "/config.json")
    labelNames = try ClassNames.read(json, source: path + "/config.json")
  }

  /// How the names of the head's tensors begin.
  private static let head = "fc."

  /// The number of classes that the head scores; nil where there is none.
  public func headClasses() throws -> Int? {
    try PretrainedWeights.open(directory: path)[Self.head + "weight"]?.shape.first
  }

  /// Copies the tensors into a model, joined by name.
  ///
  /// - Parameter withoutHead: leaves the head as it is.
  /// - Throws: `SafetensorsError`, or `ModelError` where a tensor is missing, left over or of another shape.
  public func load(into state: ModelState, withoutHead: Bool = false) throws {
    let file = try PretrainedWeights.open(directory: path)
    let path = file.path
    let wanted = [state.weights, state.buffers].flatMap { arena in arena.layout.slices.map { ($0, arena) } }
    func isLeftOut(_ name: String) -> Bool { withoutHead && name.hasPrefix(Self.head) }
    let shapes = Dictionary(file.entries.map { ($0.name, $0.shape) }) { first, _ in first }
    for (slice, arena) in wanted where !isLeftOut(slice.name) {
      guard shapes[slice.name] == slice.shape.dimensions else {
        let found = shapes[slice.name].map { "has shape \($0)" } ?? "is missing"
        throw ModelError(
          file: path, problem: "\(slice.name) of shape \(slice.shape) \(found)",
          remedy: "use the config.json that belongs to these weights, and the number of labels they were trained with")
      }
      try file.readFinite(slice.name, into: arena[slice.name]!)
    }
    let names = Set(wanted.map(\.0.name))
    if let extra = shapes.keys.sorted().first(where: { !names.contains($0) && !isLeftOut($0) }) {
      throw ModelError(
        file: path, problem: "\(extra) is not a tensor of the model",
        remedy: "use the config.json that belongs to these weights")
    }
  }
}

/// Writes residual networks as directories that `ResidualDirectory` reads.
public struct ResidualExporter: ModelExporter {
  let configuration: ResidualConfiguration
  let description: HeadDescription

  public init(configuration: ResidualConfiguration, description: HeadDescription) {
    self.configuration = configuration
    self.description = description
  }

  public func write(weights: Arena, buffers: Arena, to path: String) throws {
    let folder = try ModelFolder(creating: path)
    try folder.writeTensors(of: [weights, buffers])
    let tables = ModelFolder.classTables(description.allNames)
    // The last file written is the one without which the directory is not a model.
    try folder.writeJSON(configuration.json.merging(tables) { _, new in new }, to: "config.json")
  }
}
