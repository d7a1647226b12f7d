import Foundation

/// The reference results: the folder in LOCKSTEP_GOLDEN, by default the copy beside the tests.
enum Golden {
  static func scenario<Scenario: Decodable>(_ name: String, as type: Scenario.Type) throws -> Scenario {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: data(name))
  }

  /// The cases of a scenario with all their keys, and those of the same form in Tests/Vectors.
  static func casesOfMeasures(_ name: String) throws -> [[String: Any]] {
    let vectors = tests.appending(path: "Vectors/measures/\(name)/scenario.json")
    return try [data("families/metrics/" + name), Data(contentsOf: vectors)].flatMap { data in
      let facts = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return facts?["cases"] as? [[String: Any]] ?? []
    }
  }

  /// A scenario with all its keys; null where a number is NaN, which JSON has no word for and Python writes.
  static func facts(_ name: String) throws -> [String: Any] {
    let text = String(decoding: try data(name), as: UTF8.self).replacing(": NaN", with: ": null")
    return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
  }

  private static var tests: URL { URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent() }

  private static func data(_ name: String) throws -> Data {
    let folder =
      ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"].map { URL(filePath: $0) }
      ?? tests.appending(path: "Golden")
    return try Data(contentsOf: folder.appending(path: name).appending(path: "scenario.json"))
  }
}

/// Whether two values are equal to 1e-9, relative above 1, or both undefined.
func agree(_ value: Double?, _ reference: Double?) -> Bool {
  guard let value, !value.isNaN else { return reference?.isNaN ?? true }
  guard let reference, !reference.isNaN else { return false }
  return abs(value - reference) <= 1e-9 * max(1, abs(reference))
}
