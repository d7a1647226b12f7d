/// A strict JSON reader that pulls: the caller says what it expects and everything else is an error.
///
/// It exists because Foundation's parsers keep one of two equal keys silently and build a tree of the whole text.
/// This one refuses equal keys, builds nothing, never recurses by what the text says, and so needs no more memory
/// than the text itself. Source: RFC 8259; numbers are integers or finite doubles.
struct StrictJSON {
  /// What is wrong with the text, and at which byte.
  struct Failure: Error, CustomStringConvertible {
    let problem: String
    let position: Int

    var description: String { "\(problem) at byte \(position)" }
  }

  private let text: UnsafeRawBufferPointer
  private(set) var position = 0

  /// Reads `text` from its beginning; the buffer must outlive the reader.
  init(_ text: UnsafeRawBufferPointer) {
    self.text = text
  }

  /// Reads an object; `member` is called with each key and must read the key's value.
  mutating func object(_ member: (inout StrictJSON, String) throws -> Void) throws {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return }
    var seen: Set<String> = []
    repeat {
      let key = try string()
      guard seen.insert(key).inserted else { throw failure("the key \(quoted(key)) stands twice") }
      try expect(UInt8(ascii: ":"))
      try member(&self, key)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Reads an array; `element` is called once for each element and must read it.
  mutating func array(_ element: (inout StrictJSON) throws -> Void) throws {
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
  }

  /// Reads a string with its escapes resolved; the bytes must be UTF-8.
  mutating func string() throws -> String {
    try expect(UInt8(ascii: "\""))
    var bytes: [UInt8] = []
    while true {
      let byte = try next("a string")
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else { throw failure("a string is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): bytes.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw failure("a string holds a control character")
      default: bytes.append(byte)
      }
    }
  }

  /// Reads a whole number that fits an `Int`, without sign tricks, leading zeros or exponent.
  mutating func integer() throws -> Int {
    let literal = numberLiteral()
    guard let value = Int(literal), literal == String(value) else {
      throw failure("expected a whole number below 2^63, found \(quoted(literal))")
    }
    return value
  }

  /// Reads a finite number.
  mutating func number() throws -> Double {
    let literal = numberLiteral()
    let digits = literal.drop { $0 == "-" }
    guard let value = Double(literal), value.isFinite, digits.first?.isNumber == true else {
      throw failure("expected a number, found \(quoted(literal))")
    }
    return value
  }

  /// Accepts blanks up to the end of the text and nothing else.
  mutating func end() throws {
    skipBlanks()
    guard position == text.count else { throw failure("unexpected text after the value") }
  }

  /// An error at the present position, for callers that find a value unfit.
  func failure(_ problem: String) -> Failure {
    Failure(problem: problem, position: position)
  }

  // MARK: Characters

  private mutating func escape() throws -> Unicode.Scalar {
    switch try next("an escape") {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        let hasSecond = try next("an escape") == UInt8(ascii: "\\") && next("an escape") == UInt8(ascii: "u")
        let low = hasSecond ? try hexadecimal() : 0
        guard (0xDC00..<0xE000).contains(low) else { throw failure("a surrogate stands alone") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("a surrogate stands alone") }
      return scalar
    default: throw failure("unknown escape")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      let character = Character(Unicode.Scalar(try next("an escape")))
      guard let digit = character.hexDigitValue else { throw failure("expected four hexadecimal digits") }
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  /// The characters from here that a number can have; at most 32, which is more than any number we write.
  private mutating func numberLiteral() -> String {
    skipBlanks()
    let start = position
    while position < text.count, position - start < 32 {
      switch text[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        position += 1
      default: return String(decoding: text[start..<position], as: UTF8.self)
      }
    }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private mutating func next(_ inside: String) throws -> UInt8 {
    guard position < text.count else { throw failure("the text ends inside \(inside)") }
    defer { position += 1 }
    return text[position]
  }

  private mutating func skipBlanks() {
    while position < text.count {
      switch text[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard position < text.count, text[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws {
    guard take(byte) else {
      let found = position < text.count ? quoted(String(decoding: [text[position]], as: UTF8.self)) : "the end"
      throw failure("expected \"\(Character(Unicode.Scalar(byte)))\", found \(found)")
    }
  }
}

extension String {
  /// This string as a JSON string with its quotes.
  var json: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<"\u{20}":
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
