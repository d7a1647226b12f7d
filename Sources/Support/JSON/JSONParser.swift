/// How texts are read that other programs wrote, and how those that only this program writes.
package enum JSONRules: Sendable {
  /// As Python reads it: of equal keys the last counts, and half a surrogate pair becomes U+FFFD.
  case lenient
  /// Equal keys and halves of surrogate pairs are errors.
  case strict
}

/// Builds values from JSON, at most 64 levels deep.
package struct JSONParser: ~Copyable {
  private static let deepestNesting = 64
  private let rules: JSONRules
  private var reader: JSONReader
  private var depth = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ rules: JSONRules, keepsDigits: Bool) {
    self.rules = rules
    reader = JSONReader(bytes, surrogates: rules == .strict ? .refused : .replaced)
    reader.keepsDigits = keepsDigits
  }

  /// The one value that the bytes hold.
  /// - Parameter keepsDigits: whether whole numbers beyond an Int are strings of their digits, and not rounded.
  package static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ rules: JSONRules = .lenient, keepsDigits: Bool = false
  ) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes, rules, keepsDigits: keepsDigits)
    let value = try parser.value()
    try parser.reader.end()
    return value
  }

  /// The one value that the bytes hold.
  package static func parse(
    _ bytes: [UInt8], _ rules: JSONRules = .lenient, keepsDigits: Bool = false
  ) throws(JSONError) -> JSONValue {
    let result = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(JSONError) in try parse(buffer, rules, keepsDigits: keepsDigits) }
    }
    return try result.get()
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    reader.skipBlanks()
    switch reader.next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try reader.string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), .some(0x30...0x39): return try reader.numeral()
    case nil: throw reader.failure("the text ends where a value should stand")
    default: throw reader.failure("no value starts like this")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      guard reader.next == text.utf8Start[index] else {
        throw reader.failure("a word other than true, false and null")
      }
      reader.position += 1
    }
    return value
  }

  /// Reads an opening bracket; false where its closing one follows at once.
  private mutating func opens(_ closing: UInt8) throws(JSONError) -> Bool {
    guard depth < Self.deepestNesting else { throw reader.failure("nested deeper than \(Self.deepestNesting)") }
    reader.position += 1
    guard !reader.take(closing) else { return false }
    depth += 1
    return true
  }

  /// Reads the comma or the closing byte behind an element; whether it was the closing byte.
  private mutating func closes(with closing: UInt8) throws(JSONError) -> Bool {
    if reader.take(UInt8(ascii: ",")) { return false }
    guard reader.take(closing) else { throw reader.failure("neither a comma nor the closing bracket") }
    depth -= 1
    return true
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [JSONValue.Member] = []
    guard try opens(UInt8(ascii: "}")) else { return .object(members) }
    var seen: Set<String> = []
    repeat {
      reader.skipBlanks()
      guard reader.next == UInt8(ascii: "\"") else { throw reader.failure("a key must be a string") }
      let key = try reader.key()
      if rules == .strict, !seen.insert(key).inserted { throw reader.twice(key) }
      members.append(JSONValue.Member(key: key, value: try value()))
    } while try !closes(with: UInt8(ascii: "}"))
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    guard try opens(UInt8(ascii: "]")) else { return .array(elements) }
    repeat { elements.append(try value()) } while try !closes(with: UInt8(ascii: "]"))
    return .array(elements)
  }
}
