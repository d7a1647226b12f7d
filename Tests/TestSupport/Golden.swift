import Checkpoints
import Foundation

/// The reference results: the folder in LOCKSTEP_GOLDEN, or else, also for what it does not hold, the copy next to the tests.
package enum Golden {
  package static func path(_ scenario: String, _ file: String = "") -> String {
    let copy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden")
    let given = ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"].map { URL(filePath: $0) }
    let folder = [given].compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appending(path: scenario).path)
    }
    return (folder ?? copy).appending(path: scenario).appending(path: file).path
  }

  /// The facts of a scenario: what was run, and the numbers it gave.
  package static func facts(_ scenario: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: path(scenario, "scenario.json")))
    guard let facts = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw GoldenError(scenario: scenario, problem: "scenario.json is no object")
    }
    return facts
  }

  /// The `config.json` of a scenario's model.
  package static func configuration(_ scenario: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: path(scenario, "model/config.json")))
    guard let json = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw GoldenError(scenario: scenario, problem: "config.json is not an object")
    }
    return json
  }

  package static func tensors(_ scenario: String, _ name: String) throws -> SafetensorsFile {
    try SafetensorsFile(path(scenario, name + ".safetensors"))
  }
}

package struct GoldenError: Error, CustomStringConvertible {
  package let scenario: String
  package let problem: String

  package init(scenario: String, problem: String) {
    self.scenario = scenario
    self.problem = problem
  }

  package var description: String { "\(scenario): \(problem)" }
}
