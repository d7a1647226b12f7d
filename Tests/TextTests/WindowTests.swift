import Support
import Testing
import Text

/// Long texts in windows, as transformers' tokenizers cut them with `return_overflowing_tokens`.
struct WindowTests {
  private static func tokenizer(_ name: String) throws -> any Tokenizer {
    name == "bert-base-uncased"
      ? try Tokenizers.read(file: Locations.shipped("vocabulary/\(name).txt"))
      : try Tokenizers.read(directory: Locations.golden("families/tokenizers/\(name)"))
  }

  @Test(
    "A text, alone or behind another, has the windows of the library, from either end",
    arguments: ["bert-base-uncased", "wordpiece-cased", "roberta", "albert"])
  func golden(name: String) throws {
    let rows = try FileReader.bytes(of: Locations.vectors("windows.jsonl")).split(separator: 0x0A).map {
      try JSONParser.parse(Array($0))
    }.filter { $0["tokenizer"]?.string == name }
    #expect(rows.count > 40 && rows.contains { $0["first"] != nil } && rows.contains { $0["first"] == nil })
    let tokenizer = try Self.tokenizer(name)
    var several = 0
    for row in rows {
      let (text, first) = (try #require(row["text"]?.string), row["first"]?.string)
      let windows = try tokenizer.windows(
        of: text, after: first, maximumLength: #require(row["max"]?.integer), stride: #require(row["stride"]?.integer),
        side: #require(row["side"]?.string.flatMap(Truncation.Side.init)))
      let expected = row["windows"]?.elements?.map { $0.elements?.compactMap(\.integer) ?? [] }
      #expect(windows.map { $0.ids.map(Int.init) } == expected, "\(text.debugDescription) behind \(first ?? "nothing")")
      if windows.count > 1 { several += 1 }
    }
    #expect(several > 20)
  }

  @Test("A text that fits is one window, the same as without windows, and so is an empty one")
  func short() throws {
    let tokenizer = try Self.tokenizer("bert-base-uncased")
    for text in ["a b c d", ""] {
      #expect(
        try tokenizer.windows(of: text, maximumLength: 6, stride: 3) == [tokenizer.encode(text, maximumLength: 6)])
    }
    // The first text alone fills the row, and there is nothing behind it.
    #expect(
      try tokenizer.windows(of: "", after: "a b c", maximumLength: 6, stride: 3)
        == [tokenizer.encode("a b c", pair: "", maximumLength: 6)])
  }

  @Test("A stride that leaves no room for more is refused, with what to do")
  func noRoom() throws {
    let tokenizer = try Self.tokenizer("bert-base-uncased")
    #expect(throws: WindowError.stride(4, room: 4)) {
      try tokenizer.windows(of: "a b c d e", maximumLength: 6, stride: 4)
    }
    #expect(throws: WindowError.first(tokens: 3, room: 2, stride: 2)) {
      try tokenizer.windows(of: "a b c d e", after: "x y z", maximumLength: 8, stride: 2)
    }
    let long = #expect(throws: WindowError.self) {
      try tokenizer.windows(of: "a", after: "x y z x y z x y z", maximumLength: 8, stride: 0)
    }
    #expect(
      long?.description
        == "the first text has 9 tokens, which leaves room for 0 of the second in a window, and neighbours share 0;"
        + " shorten the first text, or give a greater maximum length or a smaller stride")
  }

  @Test("More windows than may be are counted and refused, and as many as may be are not")
  func bound() throws {
    let tokenizer = try Self.tokenizer("bert-base-uncased")
    // Room for 4, of which 3 are shared: each further token is a further window.
    for tokens in 5...12 {
      let text = String(repeating: "a ", count: tokens)
      let count = tokens - 3
      #expect(try tokenizer.windows(of: text, maximumLength: 6, stride: 3, most: count).count == count)
      #expect(throws: WindowError.count(count, most: count - 1)) {
        try tokenizer.windows(of: text, maximumLength: 6, stride: 3, most: count - 1)
      }
    }
    for (tokens, stride) in (5...30).flatMap({ tokens in (0..<4).map { (tokens, $0) } }) {
      let text = String(repeating: "a ", count: tokens)
      let count = try tokenizer.windows(of: text, maximumLength: 6, stride: stride).count
      #expect(try tokenizer.windows(of: text, maximumLength: 6, stride: stride, most: count).count == count)
      #expect(throws: WindowError.count(count, most: count - 1)) {
        try tokenizer.windows(of: text, maximumLength: 6, stride: stride, most: count - 1)
      }
    }
  }
}
