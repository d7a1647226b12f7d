import Foundation

/// A folder of its own for one test, removed with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "lockstep-command-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// A JSON file's object.
  func json(_ name: String) throws -> [String: Any] { try object(read(name)) }

  /// The content of every file below a folder, by its path: what two looks can be compared by.
  func contents(below name: String) -> [String: Data] {
    let root = "\(path)/\(name)"
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    let pairs = names.compactMap { name in FileManager.default.contents(atPath: "\(root)/\(name)").map { (name, $0) } }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}

/// A line of JSON that must be an object.
func object(_ text: some StringProtocol) throws -> [String: Any] {
  guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
    throw CocoaError(.propertyListReadCorrupt)
  }
  return object
}
