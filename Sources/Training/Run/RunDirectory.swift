import Foundation

/// A folder of a run that cannot be used as asked.
public struct RunDirectoryError: Error, CustomStringConvertible {
  public let path: String
  public let problem: String

  public init(path: String, problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }
}

/// The folder of a run, as the contract lays it out.
public struct RunDirectory: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  public var metrics: String { path + "/metrics.jsonl" }
  public var checkpoints: String { path + "/checkpoints" }
  public var summary: String { path + "/summary.json" }
  public var verdicts: String { path + "/verdict" }
  public func model(_ name: String) -> String { path + "/models/" + name }

  /// Makes the folder; one that exists is used as it is.
  public func create() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunDirectoryError(path: path, problem: "cannot be made; give another --output")
    }
  }
}
