import Data
import Drafting
import Foundation

/// A folder with tables, removed with the object.
final class TableFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "lockstep-draft-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file; its path.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Foundation.Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }
}

/// The draft for a table that is written for it, as lines without their comments.
func draft(_ content: String, as name: String = "t.tsv", validation: String? = nil) throws -> [String] {
  try draft(Array(content.utf8), as: name, validation: validation)
}

func draft(_ content: [UInt8], as name: String, validation: String? = nil) throws -> [String] {
  let folder = try TableFolder()
  let train = TableFiles(try folder.write(content, to: name))
  let dev = try validation.map { TableFiles(try folder.write($0, to: "dev-\(name)")) }
  let text = try RecipeDraft(train: train, validation: dev, model: .init(path: "model")).text(name: "recipe.yaml")
  return text.replacingOccurrences(of: folder.path + "/", with: "").split(separator: "\n").map { line in
    let code = line.range(of: "  #").map { line[..<$0.lowerBound] } ?? line
    return String(code.reversed().drop { $0 == " " }.reversed())
  }
}

/// Rows made of a template, in which `#` is the row's number.
func rows(_ count: Int, _ row: (Int) -> String) -> String { (0..<count).map { row($0) + "\n" }.joined() }

/// A text that no other row has.
func text(_ row: Int) -> String { "the film number \(row) was \(row % 2 == 0 ? "a quiet delight" : "rather long")" }
