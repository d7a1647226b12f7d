import Foundation

/// A folder of its own for one test, removed with all it holds when the test lets go of it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/checkpoints-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in the folder.
  subscript(name: String) -> String { path + "/" + name }

  /// Writes a file into the folder and gives its path.
  func write(_ bytes: some Sequence<UInt8>, to name: String = "file") throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
    return self[name]
  }

  /// The bytes of a file in the folder.
  func bytes(of name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: self[name])))
  }
}

/// The path of a golden file: in the folder named by LOCKSTEP_GOLDEN, else in the copy beside the tests.
func golden(_ name: String, file: String = #filePath) -> String {
  let copy = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden").path
  return (ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"] ?? copy) + "/" + name
}
