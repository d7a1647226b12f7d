import Foundation
import Runs

/// A run's folder of its own for one test, removed with the object.
final class RunFolder: Sendable {
  let directory: RunDirectory

  init() throws {
    directory = RunDirectory(
      path: FileManager.default.temporaryDirectory.appending(path: "lockstep-page-\(UUID().uuidString)").path)
    try directory.create()
  }

  deinit { try? FileManager.default.removeItem(atPath: directory.path) }

  func path(_ name: String) -> String { directory.path + "/" + name }

  func write(_ text: String, to name: String) throws {
    let url = URL(filePath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Appends to a file, as a run does.
  func append(_ text: String, to name: String = "metrics.jsonl") throws {
    if !FileManager.default.fileExists(atPath: path(name)) { try write("", to: name) }
    let file = try FileHandle(forWritingTo: URL(filePath: path(name)))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  /// A step's line in `metrics.jsonl`.
  static func line(step: Int, loss: Double = 0.5) -> String {
    """
    {"step": \(step), "epoch": 1, "loss": \(loss), "learning_rate": 0.001, "gradient_norm": 1.5, \
    "samples_per_second": 800.0, "seconds": 0.08}

    """
  }

  static func evaluation(step: Int, weights: String = "raw", accuracy: Double) -> String {
    """
    {"step": \(step), "evaluation": {"split": "validation", "weights": "\(weights)", "rows": 40, "loss": 0.4, \
    "accuracy": \(accuracy)}}

    """
  }

  /// Two ranks over fifty steps; the second waits.
  static func pace(step: Int) -> String {
    """
    {"step": \(step), "ranks": {"steps": 50, "data": [0.5, 0.25], "compute": [3.5, 3.25], \
    "communication": [0.5, 0.5], "waiting": [0.0, 0.5], "memory": [100000000, 120000000]}}

    """
  }
}

/// A JSON text's object.
func object(_ text: String) throws -> [String: Any] {
  guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
    throw CocoaError(.propertyListReadCorrupt)
  }
  return object
}
