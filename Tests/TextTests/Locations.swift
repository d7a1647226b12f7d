import Foundation

/// Files that the tests read.
enum Locations {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A file that ships with Lockstep.
  static func shipped(_ path: String) -> String { package.appending(path: "launch/data/\(path)").path }

  /// Vectors made for one test.
  static func vectors(_ path: String) -> String { package.appending(path: "Tests/Vectors/\(path)").path }

  /// A reference result: in the folder that LOCKSTEP_GOLDEN names, else in the copy among the tests.
  static func golden(_ path: String) -> String {
    let folder = ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"].map { URL(filePath: $0) }
    return (folder ?? package.appending(path: "Tests/Golden")).appending(path: path).path
  }
}

/// A folder of its own for one test, removed at the end.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-text-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
