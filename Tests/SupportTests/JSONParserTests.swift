import Testing
import Support

struct JSONParserTests {
  private func describe(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value.debugDescription
    case .array(let elements): "[" + elements.map(describe).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\($0.key.debugDescription):\(describe($0.value))" }.joined(separator: ",") + "}"
    }
  }

  @Test(
    "Valid texts are read",
    arguments: [
      (" null ", "null"), ("[true,false]", "[true,false]"), ("[]", "[]"), ("{ }", "{}"),
      ("-0", "0"), ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "9.223372036854776e+18"),
      ("[1.5, 2e3, -1E-2]", "[1.5,2000.0,-0.01]"),
      (#"{"a": {"b": [1]}, "a": 2}"#, #"{"a":{"b":[1]},"a":2}"#),
      (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "\"\\\"\\\\/\\u{08}\\u{0C}\\n\\r\\té😀\""),
      (#""\ud83dx\ude00\ud83d\u0041""#, "\"\u{FFFD}x\u{FFFD}\u{FFFD}A\""),
    ])
  func valid(text: String, value: String) throws {
    #expect(describe(try JSONParser.parse(Array(text.utf8))) == value)
  }

  @Test(
    "Invalid texts are refused",
    arguments: [
      "", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "-", "1.", "1e", "+1", ".5",
      "tru", "nul",
      "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "1 2", "[1]]", "NaN", "1e999", "\u{FEFF}1",
    ])
  func invalid(text: String) {
    #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
  }

  @Test("Strings that are not UTF-8 and deep nesting are refused")
  func hostile() {
    #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
    #expect(throws: JSONError.self) { try JSONParser.parse([UInt8](repeating: 0x5B, count: 1_000_000)) }
  }

  @Test("The last of two equal keys counts, and keys are compared byte by byte")
  func keys() throws {
    let value = try JSONParser.parse(Array("{\"a\": 1, \"a\": 2, \"e\u{301}\": 3}".utf8))
    guard case .integer(2)? = value["a"] else { return #expect(Bool(false), "the first member was taken") }
    #expect(value["\u{E9}"] == nil)
    #expect(value["e\u{301}"] != nil)
  }
}
