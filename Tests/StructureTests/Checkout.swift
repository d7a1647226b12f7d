import Glibc

/// The package's own files, read from the disk.
enum Checkout {
  /// The package's folder, three levels above this file.
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")

  static let manifest = Manifest(text(of: root + "/Package.swift"))

  /// The Swift files of each folder in Sources.
  static let files: [String: [SwiftFile]] = Dictionary(
    uniqueKeysWithValues: names(in: root + "/Sources").map { ($0, swiftFiles(in: $0)) })

  private static func swiftFiles(in folder: String) -> [SwiftFile] {
    names(in: "\(root)/Sources/\(folder)").flatMap { name in
      let path = "\(folder)/\(name)"
      return name.hasSuffix(".swift")
        ? [SwiftFile(path: path, text: text(of: "\(root)/Sources/\(path)"))] : swiftFiles(in: path)
    }
  }

  /// The names in a folder, in their order; none where it is a file.
  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func text(of file: String) -> String {
    guard let stream = fopen(file, "r") else { return "" }
    defer { fclose(stream) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { content += chunk[..<count] }
    return String(decoding: content, as: UTF8.self)
  }
}
