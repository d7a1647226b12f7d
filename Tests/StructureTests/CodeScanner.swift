/// The code of a Swift file: its text without comments and literals, but with what literals interpolate.
struct CodeScanner {
  private let text: [UInt8]
  private var position = 0
  private var code: [UInt8] = []

  /// The code of `text`, with its lines kept apart.
  static func code(of text: String) -> String {
    var scanner = CodeScanner(text: Array(text.utf8))
    scanner.scan(untilParenthesis: false)
    return String(decoding: scanner.code, as: UTF8.self)
  }

  private init(text: [UInt8]) { self.text = text }

  private func starts(with word: StaticString, at place: Int) -> Bool {
    guard place + word.utf8CodeUnitCount <= text.count else { return false }
    return (0..<word.utf8CodeUnitCount).allSatisfy { text[place + $0] == word.utf8Start[$0] }
  }

  /// Takes code up to the end, or up to the parenthesis that ends an interpolation.
  private mutating func scan(untilParenthesis: Bool) {
    var depth = 0
    while position < text.count {
      if starts(with: "//", at: position) {
        while position < text.count, text[position] != 0x0A { position += 1 }
      } else if starts(with: "/*", at: position) {
        skipComment()
      } else if let hashes = literalHashes() {
        skipLiteral(hashes)
      } else {
        let byte = text[position]
        position += 1
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") {
          if untilParenthesis, depth == 0 { return }
          depth -= 1
        }
        code.append(byte)
      }
    }
  }

  /// Skips a comment, which may hold others.
  private mutating func skipComment() {
    var depth = 0
    repeat {
      if starts(with: "/*", at: position) {
        (depth, position) = (depth + 1, position + 2)
      } else if starts(with: "*/", at: position) {
        (depth, position) = (depth - 1, position + 2)
      } else {
        position += 1
      }
    } while depth > 0 && position < text.count
    code.append(0x20)
  }

  /// The number of signs before the quote of a literal (`#"…"#`); nil where none begins here.
  private func literalHashes() -> Int? {
    var end = position
    while end < text.count, text[end] == UInt8(ascii: "#") { end += 1 }
    return end < text.count && text[end] == UInt8(ascii: "\"") ? end - position : nil
  }

  /// Skips a literal, and takes the code that it interpolates.
  private mutating func skipLiteral(_ hashes: Int) {
    position += hashes
    let isLong = starts(with: "\"\"\"", at: position)
    let quotes = isLong ? 3 : 1
    position += quotes
    code.append(0x20)
    while position < text.count, isLong || text[position] != 0x0A {
      if text[position] == UInt8(ascii: "\\"), areHashes(hashes, at: position + 1) {
        position += 1 + hashes
        if position < text.count, text[position] == UInt8(ascii: "(") {
          position += 1
          scan(untilParenthesis: true)
          code.append(0x20)
        } else {
          position += 1
        }
      } else if isLong ? starts(with: "\"\"\"", at: position) : text[position] == UInt8(ascii: "\""),
        areHashes(hashes, at: position + quotes)
      {
        position += quotes + hashes
        return
      } else {
        position += 1
      }
    }
  }

  private func areHashes(_ count: Int, at place: Int) -> Bool {
    place + count <= text.count && text[place..<place + count].allSatisfy { $0 == UInt8(ascii: "#") }
  }
}
