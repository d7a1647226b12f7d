/// Looks through the bytes of YAML for what must not reach the parser: aliases and anchors, tags, tabs that indent, and
/// nesting without end. It knows quotes, comments, block scalars and where a value begins, and nothing else of YAML.
struct RecipeScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  /// Brackets that are open.
  private var depth = 0

  // What is known of the present line.
  private var indentation = 0
  /// Dashes, question marks and colons that stand for a level each.
  private var indicators = 0
  /// Whether a value may begin here; otherwise the text of one continues.
  private var isValueExpected = true

  /// A key that lies deeper is not a recipe's; trees of any depth would end the stack.
  static let maximumDepth = 16
  /// Columns of the deepest indentation.
  private static let maximumIndentation = 128
  private static let tooDeep =
    "is nested deeper than \(maximumDepth) levels, as no recipe is; write keys with values"

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The first of them, with its line.
  mutating func firstProblem() -> (line: Int, problem: String)? {
    while position < bytes.count {
      if let problem = beginLine() { return (line, problem) }
      while let next = byte(), !isBreak(next) {
        if let problem = take(next) { return (line, problem) }
      }
      endLine()
    }
    return nil
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
  private func isBlank(_ byte: UInt8?) -> Bool { byte.map { $0 == 0x20 || $0 == 0x09 || isBreak($0) } ?? true }

  /// Takes the white space at the beginning of a line.
  private mutating func beginLine() -> String? {
    let start = position
    while byte() == 0x20 || byte() == 0x09 { position += 1 }
    (indentation, indicators, isValueExpected) = (position - start, 0, true)
    guard depth == 0, let next = byte(), !isBreak(next), next != UInt8(ascii: "#") else { return nil }
    if bytes[start..<position].contains(0x09) { return "is indented by a tab; indent with spaces" }
    return indentation > Self.maximumIndentation ? Self.tooDeep : nil
  }

  private mutating func endLine() {
    if byte() == 0x0D, byte(1) == 0x0A { position += 1 }
    position += 1
    line += 1
  }

  private mutating func skipLine() {
    while let next = byte(), !isBreak(next) { position += 1 }
  }

  /// Takes one character, or all of a comment, a text in quotes or a block.
  private mutating func take(_ next: UInt8) -> String? {
    switch next {
    case 0x20, 0x09:
      position += 1
    case UInt8(ascii: "#") where position == 0 || isBlank(bytes[position - 1]):
      skipLine()
    case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"):
      position += 1
      guard depth > 0 else { break }
      isValueExpected = next == UInt8(ascii: ",")
      if !isValueExpected { depth -= 1 }
    case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
      return takeIndicator(next)
    case _ where isValueExpected:
      return beginValue(next)
    default:
      position += 1
    }
    return nil
  }

  private mutating func takeIndicator(_ next: UInt8) -> String? {
    let isColon = next == UInt8(ascii: ":")
    let isIndicator = (isBlank(byte(1)) || (isColon && depth > 0)) && (isColon || isValueExpected)
    isValueExpected = isIndicator
    if isIndicator { indicators += 1 }
    position += 1
    return depth == 0 && indicators > Self.maximumDepth ? Self.tooDeep : nil
  }

  private mutating func beginValue(_ next: UInt8) -> String? {
    isValueExpected = false
    switch next {
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      depth += 1
      isValueExpected = true
      position += 1
      return depth > Self.maximumDepth ? Self.tooDeep : nil
    case UInt8(ascii: "&"), UInt8(ascii: "*"):
      return "has \(word), an anchor or alias of YAML, which recipes do not take; write the value out, or quote it"
    case UInt8(ascii: "!"):
      return "has \(word), a tag of YAML, which recipes do not take; leave it out, or quote it"
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      skipQuoted(next)
    case UInt8(ascii: "|"), UInt8(ascii: ">"):
      if depth == 0 { skipBlock() } else { position += 1 }
    default:
      position += 1
    }
    return nil
  }

  /// The word at the present position, for an error.
  private var word: String {
    String(decoding: bytes[position...].prefix(24).prefix { $0 > 0x20 && !",]}".utf8.contains($0) }, as: UTF8.self)
  }

  /// Skips a text in quotes, which may run over several lines.
  private mutating func skipQuoted(_ quote: UInt8) {
    position += 1
    while let next = byte() {
      if isBreak(next) {
        endLine()
        continue
      }
      position += 1
      if next == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let escaped = byte(), !isBreak(escaped) {
        position += 1
      } else if next == quote {
        guard quote == UInt8(ascii: "'"), byte() == quote else { return }
        position += 1
      }
    }
  }

  /// Skips the rest of a line that ends in `|` or `>`, and the deeper lines below it but for the last one's end.
  private mutating func skipBlock() {
    skipLine()
    while position < bytes.count {
      var start = position + 1
      if byte() == 0x0D, byte(1) == 0x0A { start += 1 }
      var end = start
      while end < bytes.count, bytes[end] == 0x20 { end += 1 }
      guard end < bytes.count, isBreak(bytes[end]) || end - start > indentation else { return }
      position = end
      line += 1
      skipLine()
    }
  }
}
