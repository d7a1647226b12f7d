import Foundation

/// The reference results: the folder in LOCKSTEP_GOLDEN, by default the copy beside the tests.
enum Golden {
  static func scenario<Scenario: Decodable>(_ name: String, as type: Scenario.Type) throws -> Scenario {
    let folder =
      ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"].map { URL(filePath: $0) }
      ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden")
    let data = try Data(contentsOf: folder.appending(path: name).appending(path: "scenario.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: data)
  }
}
