/// The one reader of JSON (RFC 8259, UTF-8): it pulls, so that the caller says what it expects and everything else is an error.
///
/// It builds nothing, never recurses by what the text says, and so needs no more memory than the text itself. `JSONParser`
/// builds values from what it reads.
package struct JSONReader {
  /// How a `\u` escape of half a surrogate pair is read.
  package enum Surrogates: Sendable {
    /// As an error.
    case refused
    /// As U+FFFD, because a Swift string cannot hold it.
    case replaced
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let surrogates: Surrogates
  package var position = 0

  /// Reads `bytes` from their beginning; the buffer must outlive the reader.
  package init(_ bytes: UnsafeBufferPointer<UInt8>, surrogates: Surrogates = .refused) {
    self.bytes = bytes
    self.surrogates = surrogates
  }

  /// Reads `text` from its beginning; the buffer must outlive the reader.
  package init(_ text: UnsafeRawBufferPointer) { self.init(text.assumingMemoryBound(to: UInt8.self)) }

  /// Reads an object; `member` is called with each key and must read the key's value. Equal keys are an error.
  package mutating func object(_ member: (inout JSONReader, String) throws -> Void) throws {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return }
    var seen: Set<String> = []
    repeat {
      let key = try key()
      guard seen.insert(key).inserted else { throw twice(key) }
      try member(&self, key)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Reads an array; `element` is called once for each element and must read it.
  package mutating func array(_ element: (inout JSONReader) throws -> Void) throws {
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
  }

  /// Reads a string with its escapes resolved.
  package mutating func string() throws(JSONError) -> String {
    try expect(UInt8(ascii: "\""))
    return try restOfString()
  }

  /// Reads a whole number that fits an `Int`, without sign tricks or exponent.
  package mutating func integer() throws(JSONError) -> Int {
    skipBlanks()
    let start = position
    guard case .integer(let value) = try numeral(), position - start == String(value).utf8.count else {
      throw JSONError(offset: start, reason: "expected a whole number below 2^63, found \(excerpt(from: start))")
    }
    return value
  }

  /// Reads a finite number.
  package mutating func number() throws(JSONError) -> Double {
    skipBlanks()
    switch try numeral() {
    case .integer(let value): return Double(value)
    case .unsigned(let value): return Double(value)
    case .number(let value): return value
    default: preconditionFailure("a numeral is a number")
    }
  }

  /// Accepts blanks up to the end of the text and nothing else.
  package mutating func end() throws(JSONError) {
    skipBlanks()
    guard position == bytes.count else { throw failure("text after the value") }
  }

  /// An error at the present position, for callers that find a value unfit.
  package func failure(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }

  // MARK: Bytes

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard take(byte) else {
      throw failure("expected \"\(Character(Unicode.Scalar(byte)))\", found \(excerpt(from: position))")
    }
  }

  /// Reads a key and its colon.
  mutating func key() throws(JSONError) -> String {
    let key = try string()
    try expect(UInt8(ascii: ":"))
    return key
  }

  func twice(_ key: String) -> JSONError { failure("the key \(JSONLine.quoted(key)) stands twice") }

  /// What an error shows of the text: a few bytes, or that it has ended.
  func excerpt(from start: Int) -> String {
    guard start < bytes.count else { return "the end" }
    let shown = String(decoding: bytes[start..<min(start + 12, bytes.count)], as: UTF8.self)
    return JSONLine.quoted(shown.prefix(1).allSatisfy { "0123456789-+".contains($0) } ? shown : String(shown.prefix(1)))
  }
}
