import Glibc
import Support

/// The files that one table is read from, in their order.
public struct TableFiles: Sendable, Hashable, CustomStringConvertible {
  /// As they were given: paths, and patterns of paths with `*`, `?` and `[…]`.
  public let names: [String]

  public init(_ names: [String]) {
    precondition(!names.isEmpty, "a table without a file")
    self.names = names
  }

  public init(_ name: String) { self.init([name]) }

  public var description: String {
    names.count < 3 ? names.joined(separator: ", ") : "\(names[0]) and \(names.count - 1) more"
  }

  /// The paths of the files: those of a pattern in the order of their bytes.
  /// - Throws: `TableError` where a pattern matches nothing, or a file would be read twice.
  public func paths() throws(TableError) -> [String] {
    var paths: [String] = []
    for name in names {
      guard Self.isPattern(name) else {
        paths.append(name)
        continue
      }
      let matches = Self.matches(of: name)
      guard !matches.isEmpty else {
        throw TableError(
          file: name, problem: "no file matches this pattern", remedy: "correct the pattern or its folder")
      }
      paths += matches
    }
    var known: Set<ByteString> = []
    if let twice = paths.first(where: { !known.insert(ByteString($0)).inserted }) {
      throw TableError(
        file: twice, problem: "is named twice, so that its rows would count twice", remedy: "name it once")
    }
    return paths
  }

  /// Whether a name has marks of a pattern and is not the name of a file itself.
  private static func isPattern(_ name: String) -> Bool {
    name.contains { "*?[".contains($0) } && !name.contains("://") && !FileReader.exists(name)
  }

  private static func matches(of pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, GLOB_NOSORT, nil, &found) == 0, let first = found.gl_pathv else { return [] }
    let paths = (0..<Int(found.gl_pathc)).compactMap { first[$0].flatMap { String(validatingCString: $0) } }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
