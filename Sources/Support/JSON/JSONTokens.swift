// Strings and numbers of JSON, for `JSONReader`.

extension JSONReader {
  /// Reads a number: a whole one as it is, any other as the nearest Float64.
  mutating func numeral() throws(JSONError) -> JSONValue {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let first = next
    let count = digits()
    guard count > 0 else { throw JSONError(offset: start, reason: "expected a number, found \(excerpt(from: start))") }
    guard count == 1 || first != UInt8(ascii: "0") else { throw failure("a number that begins with 0") }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      position += 1
      isWhole = false
      guard digits() > 0 else { throw failure("no digit behind the point") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      isWhole = false
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw failure("no digit in the exponent") }
    }
    let literal = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int(literal) { return .integer(integer) }
    if isWhole, let integer = UInt64(literal) { return .unsigned(integer) }
    guard let double = Double(literal), double.isFinite else {
      throw JSONError(offset: start, reason: "a number out of range")
    }
    return .number(double)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
    return position - start
  }

  /// Reads a string behind its opening quote.
  mutating func restOfString() throws(JSONError) -> String {
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {
      let plain = bytes[start..<position]
      position += 1
      return try validated(plain, from: start)
    }
    var content = Array(bytes[start..<position])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try validated(content[...], from: start)
      case UInt8(ascii: "\\"):
        try escape(into: &content)
      case 0..<0x20:
        throw failure("a control character inside a string")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw failure("a string without its closing quote")
  }

  private func validated(_ content: some Collection<UInt8>, from start: Int) throws(JSONError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw JSONError(offset: start, reason: "a string that is not UTF-8")
    }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
    position += 1
    guard let byte = next else { throw failure("the text ends inside an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content.append(contentsOf: Array(String(try escapedScalar()).utf8))
    default: throw failure("an unknown escape")
    }
  }

  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    let high = try codeUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high & 0xFC00 == 0xD800 else { return try lone() }
    guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    else { return try lone() }
    let mark = position
    position += 2
    let low = try codeUnit()
    guard low & 0xFC00 == 0xDC00 else {
      position = mark
      return try lone()
    }
    return Unicode.Scalar(0x10000 + (high & 0x3FF) << 10 + low & 0x3FF) ?? "\u{FFFD}"
  }

  private func lone() throws(JSONError) -> Unicode.Scalar {
    guard surrogates == .replaced else { throw failure("a surrogate stands alone") }
    return "\u{FFFD}"
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = HexadecimalDigit.value(of: byte) else {
        throw failure("four hexadecimal digits must follow \\u")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
