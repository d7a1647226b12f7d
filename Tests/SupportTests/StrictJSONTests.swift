import Support
import Testing

/// What only this program writes: two readers must never understand it differently.
struct StrictJSONTests {
  private struct Facts: Decodable, Equatable {
    enum Kind: String, Decodable { case first, second }
    var seed: UInt64
    var step: Int
    var tiny: Int8?
    var loss: Double
    var kind: Kind
    var names: [String]
    var inputs: [String: String]
    var place: [[Int]]
  }

  private static let text = """
    {"seed": 18446744073709551615, "step": -9223372036854775808, "loss": 0.1, "kind": "second", "names": ["\\ud83d\\ude00", "é"],
     "inputs": {"rows": "ab"}, "place": [[1, 2], []], "tiny": null, "unread": [{"deep": true}]}
    """

  @Test func `whole numbers of 64 bits and the nearest Float64 are read exactly`() throws {
    let facts = try Facts.decode(json: Self.text.utf8)
    #expect(
      facts
        == Facts(
          seed: .max, step: .min, tiny: nil, loss: 0.1, kind: .second, names: ["😀", "é"], inputs: ["rows": "ab"],
          place: [[1, 2], []]))
  }

  @Test(arguments: [
    ("\"loss\": 0.1", "\"loss\": 0.1, \"loss\": 0.2"), ("\"rows\": \"ab\"", "\"rows\": \"ab\", \"rows\": \"cd\""),
    ("\"deep\": true", "\"deep\": true, \"deep\": true"), ("18446744073709551615", "18446744073709551616"),
    ("18446744073709551615", "-1"), ("-9223372036854775808", "1.5"), ("-9223372036854775808", "true"),
    ("0.1", "1e999"), ("0.1", "NaN"), ("0.1", "\"0.1\""), ("0.1", "01"), ("0.1", ".5"),
    ("\"tiny\": null", "\"tiny\": 128"),
    ("\\ud83d\\ude00", "\\ud83d"), ("\\ud83d\\ude00", "\\ude00\\ud83d"), ("\"second\"", "\"third\""),
    ("[[1, 2], []]", "[1, 2]"),
    ("\"seed\"", "\"sead\""), ("true}]}", "true}]} x"), ("true}]}", "true}],}"),
    ("true", String(repeating: "[", count: 100) + String(repeating: "]", count: 100)),
  ])
  func `what is not what was written is refused`(_ part: String, by other: String) throws {
    #expect(Self.text.contains(part))
    let text = Self.text.replacing(part, with: other)
    #expect(throws: (any Error).self, "\(other)") { try Facts.decode(json: text.utf8) }
  }

  @Test func `an error names the byte and the key that stands twice`() {
    let error = #expect(throws: JSONError.self) { try JSONParser.parse(Array("{\"a\": 1, \"a\": 2}".utf8), .strict) }
    #expect(error?.description == "byte 14: the key \"a\" stands twice")
  }

  @Test func `a text that other programs wrote is read as they read it`() throws {
    let value = try JSONParser.parse(Array("{\"a\": 1, \"a\": \"\\ud800\"}".utf8))
    #expect(value["a"]?.string == "\u{FFFD}")
  }

  @Test func `a line that is written is read back`() throws {
    let text = "\u{0}\u{1F}\"\\\n\t\u{7F}é😀\u{2028}"
    let line = JSONLine.object([(text, .array([.string(text), .integer(.min), .number(-0.1), .boolean(true), .null]))])
    let value = try JSONParser.parse(Array(line.description.utf8), .strict)
    let elements = try #require(value[text]?.elements)
    #expect(
      elements[0].string == text && elements[1].integer == .min && elements[3].boolean == true && elements[4].isNull)
    guard case .number(-0.1) = elements[2] else { Issue.record("\(elements[2].phrase)"); return }
  }
}
