import Foundation

/// The pages of the documentation, and what they speak of.
enum Documentation {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "Sources/Lockstep/Documentation.docc")

  static func text(of page: String) throws -> String {
    try String(contentsOf: folder.appending(path: page), encoding: .utf8)
  }

  /// Names of all pages, such as `Laws.md`.
  static func pages() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }.sorted()
  }

  /// The library's Swift files.
  static var sources: [String] { get throws { try swift(below: root.appending(path: "Sources")) } }

  /// Those of the example programs.
  static var examples: [String] { get throws { try swift(below: root.appending(path: "Tests/Examples/Sources")) } }

  private static func swift(below folder: URL) throws -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return try names.filter { $0.hasSuffix(".swift") }.map {
      try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
    }
  }
}
