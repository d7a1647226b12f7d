import Checkpoints
import Foundation
import Tensors

/// A folder that a model is written to, under the names that Hugging Face's programs look for.
struct ModelFolder {
  let path: String

  /// Makes the folder where it is missing.
  init(creating path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ModelError(file: path, problem: "cannot be made", remedy: "check the output folder's permissions")
    }
  }

  /// Writes `model.safetensors` with all tensors of the arenas, in their order.
  func writeTensors(of arenas: [Arena]) throws {
    var writer = SafetensorsWriter()
    for arena in arenas {
      for slice in arena.layout.slices {
        writer.add(slice.name, shape: slice.shape.dimensions, UnsafeBufferPointer(arena[slice.name]!))
      }
    }
    try writer.write(to: path + "/model.safetensors")
  }

  func writeJSON(_ object: Any, to file: String) throws {
    let data = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
    try AtomicFile.write([UInt8](data) + [0x0A], to: path + "/" + file)
  }

  /// `LABEL_0`, `LABEL_1` …: the names of classes that are only numbered.
  static func usualClassNames(_ labels: Int) -> [String] { (0..<labels).map { "LABEL_\($0)" } }

  /// The two tables of a `config.json` between numbers and names of classes.
  static func classTables(_ names: [String]) -> [String: Any] {
    [
      "id2label": Dictionary(uniqueKeysWithValues: names.enumerated().map { (String($0), $1) }),
      "label2id": Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first },
    ]
  }
}
