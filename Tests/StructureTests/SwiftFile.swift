/// What a Swift file declares, and the words by which it may refer to other files.
struct SwiftFile {
  /// Below the folder of sources.
  let path: String
  let imports: [String]
  /// Types declared at the top level.
  let types: Set<String>
  /// Capitalised words that are not members of another, and are not declared in this file.
  let references: Set<String>

  private static let kinds: Set = ["struct", "class", "enum", "protocol", "actor", "typealias"]
  private static let modifiers: Set = [
    "public", "package", "internal", "private", "fileprivate", "final", "indirect", "open", "nonisolated",
  ]

  init(path: String, text: String) {
    self.path = path
    var (imports, types, declared, words) = ([String](), Set<String>(), Set<String>(), Set<String>())
    for line in CodeScanner.code(of: text).split(separator: "\n") {
      let tokens = line.split { $0 == " " || $0 == "\t" }
      words.formUnion(Self.capitalisedWords(of: line))
      let rest = tokens.drop { Self.modifiers.contains(String($0)) || $0.hasPrefix("@") }
      guard let kind = rest.first, let second = rest.dropFirst().first else { continue }
      let name = String(second.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      if kind == "import" { imports.append(name) }
      guard Self.kinds.contains(String(kind)), !name.isEmpty else { continue }
      declared.insert(name)
      if line.first != " " { types.insert(name) }
    }
    self.imports = imports
    self.types = types
    references = words.subtracting(declared)
  }

  /// Words with a capital letter first, but for those behind a dot.
  private static func capitalisedWords(of line: Substring) -> [String] {
    func isPart(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
      default: false
      }
    }
    let bytes = Array(line.utf8)
    var (words, start) = ([String](), 0)
    while start < bytes.count {
      guard isPart(bytes[start]) else {
        start += 1
        continue
      }
      let end = bytes[start...].firstIndex { !isPart($0) } ?? bytes.count
      let isMember = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
      if !isMember, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[start]) {
        words.append(String(decoding: bytes[start..<end], as: UTF8.self))
      }
      start = end
    }
    return words
  }
}
