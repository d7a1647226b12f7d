import Support

/// The JSON texts of a file, each of which is a row: one a line, or the elements of one array, which may stand below a key.
struct JSONTexts {
  private let content: [UInt8]
  private let file: String
  private var elements: JSONElements?
  private var (start, line) = (0, 0)

  /// Whether they are the elements of an array.
  var areElements: Bool { elements != nil }

  /// - Parameter key: of one object, whose array is read in place of the object; nil for none.
  init(_ content: [UInt8], file: String, below key: String? = nil) {
    (self.content, self.file) = (content, file)
    if content.first(where: { !$0.isBlank }) == UInt8(ascii: "[") {
      elements = JSONElements(content)
    } else if let key {
      elements = JSONElements(content, below: key)
    }
  }

  /// Where the next text stands, and its line; nil behind the last one.
  /// - Throws: `TableError` where an array is not cut by commas, or not closed.
  mutating func next() throws(TableError) -> (range: Range<Int>, line: Int)? {
    guard elements == nil else {
      do throws(DelimitedError) { return try elements?.next() } catch {
        throw .malformed(file, line: error.line, error.reason, remedy: "correct the file")
      }
    }
    while start < content.count {
      let text = start..<(content[start...].firstIndex(of: 0x0A) ?? content.endIndex)
      start = text.upperBound + 1
      line += 1
      if !content[text].allSatisfy(\.isBlank) { return (text, line) }
    }
    return nil
  }
}

/// Cuts an array into its elements, or an object into its members, without reading them.
struct JSONElements {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var isOpen = false
  private let closing: UInt8
  /// Whether something may follow.
  private var isPart = false

  init(_ bytes: [UInt8]) { self.init(bytes, closing: UInt8(ascii: "]")) }

  private init(_ bytes: [UInt8], closing: UInt8) { (self.bytes, self.closing) = (bytes, closing) }

  /// The elements of the array that an object holds below a key; nil where there is none.
  init?(_ bytes: [UInt8], below key: String) {
    guard bytes.first(where: { !$0.isBlank }) == UInt8(ascii: "{") else { return nil }
    var members = JSONElements(bytes, closing: UInt8(ascii: "}"))
    let name = Array("\"\(key)\"".utf8)
    while let member = try? members.next() {
      guard bytes[member.range].starts(with: name) else { continue }
      var (place, line) = (member.range.lowerBound + name.count, member.line)
      while place < member.range.upperBound, bytes[place].isBlank || bytes[place] == UInt8(ascii: ":") {
        if bytes[place] == 0x0A { line += 1 }
        place += 1
      }
      guard place < member.range.upperBound, bytes[place] == UInt8(ascii: "[") else { return nil }
      self.init(bytes)
      (position, self.line, isPart) = (place, line, true)
      return
    }
    return nil
  }

  /// Where the next element stands, and its line; nil behind the last one.
  mutating func next() throws(DelimitedError) -> (range: Range<Int>, line: Int)? {
    skipBlanks()
    if !isOpen {
      isOpen = true
      position += 1
      skipBlanks()
      if position < bytes.count, bytes[position] == closing { return try end() }
    } else if position < bytes.count, bytes[position] == closing {
      return try end()
    } else {
      guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else {
        throw DelimitedError(
          line: line, reason: position < bytes.count ? "a comma is missing" : "the array is not closed")
      }
      position += 1
      skipBlanks()
    }
    let (start, first) = (position, line)
    try skipValue()
    guard position > start else { throw DelimitedError(line: line, reason: "an element of the array is missing") }
    return (start..<position, first)
  }

  private mutating func end() throws(DelimitedError) -> (range: Range<Int>, line: Int)? {
    position += 1
    skipBlanks()
    guard isPart || position >= bytes.count else { throw DelimitedError(line: line, reason: "text follows the array") }
    position = bytes.count
    isOpen = true
    return nil
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position].isBlank {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
  }

  /// Stops at the comma or the bracket behind the value.
  private mutating func skipValue() throws(DelimitedError) {
    var (depth, isInString) = (0, false)
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x0A { line += 1 }
      if isInString {
        if byte == UInt8(ascii: "\\") { position += 1 }
        isInString = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
      } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        depth += 1
      } else if depth == 0, byte == UInt8(ascii: ",") || byte == closing {
        return
      } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
        depth -= 1
      }
      position += 1
    }
    position = min(position, bytes.count)
    throw DelimitedError(line: line, reason: "the array is not closed")
  }
}
