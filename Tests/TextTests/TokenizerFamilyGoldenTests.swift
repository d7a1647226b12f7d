import Support
import Foundation
import Support
import Testing
import Text

/// Tokenizers of every kind against the Rust library `tokenizers`: every directory, every case.
struct TokenizerFamilyGoldenTests {
  static let root = Locations.golden("families/tokenizers")

  /// The directories of the golden folder that hold a tokenizer and cases for it.
  static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return all.filter { FileReader.exists("\(root)/\($0)/cases.jsonl") }.sorted()
  }()

  @Test("Every kind is among the golden directories")
  func kinds() {
    for name in ["albert", "deberta-v3", "roberta", "roberta-prefix-space", "wordpiece-cased", "xlm-roberta"] {
      #expect(Self.names.contains(name))
    }
  }

  @Test("Every case has the library's ids, types, words, offsets, windows and errors", arguments: names)
  func directory(name: String) throws {
    try check(Tokenizers.read(directory: "\(Self.root)/\(name)"), name)
  }

  @Test("Without tokenizer.json the older files give the same", arguments: names)
  func olderFiles(name: String) throws {
    try withTemporaryFolder { folder in
      let source = "\(Self.root)/\(name)"
      for file in try FileManager.default.contentsOfDirectory(atPath: source)
      where !["tokenizer.json", "cases.jsonl"].contains(file) {
        try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: "\(folder)/\(file)")
      }
      try check(Tokenizers.read(directory: folder), name)
    }
  }

  private func check(_ tokenizer: any Tokenizer, _ name: String) throws {
    let texts = try GoldenCase.texts(of: Self.root)
    let cases = try GoldenCase.cases(of: "\(Self.root)/\(name)/cases.jsonl")
    #expect(cases.count > 100)
    let wrong = cases.compactMap { $0.difference(tokenizer, texts) }
    let isRight = wrong.isEmpty
    #expect(isRight, "\(wrong.count) of \(cases.count), such as \(wrong.prefix(6).joined(separator: "\n"))")
  }
}

/// A case of a golden file: texts by their numbers, and what the library gives for them.
struct GoldenCase {
  let json: JSONValue

  static func texts(of root: String) throws -> [String] {
    try JSONParser.parse(FileReader.bytes(of: root + "/strings.json")).elements?.map { $0.string ?? "" } ?? []
  }

  static func cases(of file: String) throws -> [GoldenCase] {
    try FileReader.bytes(of: file).split(separator: 0x0A).map { GoldenCase(json: try JSONParser.parse(Array($0))) }
  }

  /// What a tokenizer does otherwise than the library, or nil.
  func difference(_ tokenizer: any Tokenizer, _ texts: [String]) -> String? {
    do {
      let encodings = try encodings(tokenizer, texts)
      if let error = json["error"] { return "no error where the library says \(error.phrase)\(place)" }
      let expected = json["windows"]?.elements ?? [json]
      guard encodings.count == expected.count else {
        return "\(encodings.count) windows where the library has \(expected.count)\(place)"
      }
      return zip(encodings, expected).enumerated().lazy.compactMap { index, pair in
        difference(of: pair.0, from: pair.1, isFurtherWindow: index > 0 && json["windows"] != nil)
      }.first
    } catch { return json["error"] == nil ? "\(error)\(place)" : nil }
  }

  private var place: String {
    let keys = ["a", "b", "max", "how", "stride"].compactMap { key in json[key].map { "\(key) \($0.phrase)" } }
    return " (\(keys.joined(separator: ", ")))"
  }

  private func encodings(_ tokenizer: any Tokenizer, _ texts: [String]) throws -> [Encoding] {
    let maximum = json["max"]?.integer ?? 100_000
    let how = json["how"]?.string.flatMap { Truncation.Strategy(rawValue: $0) } ?? .longestFirst
    let truncation = Truncation(how)
    if let words = json["split"]?.elements {
      return [
        try tokenizer.encode(
          words: words.map { $0.string ?? "" }, maximumLength: maximum, truncation: truncation, withOffsets: true)
      ]
    }
    let first = texts[json["a"]?.integer ?? 0]
    if let context = json["context"]?.elements {
      let question = String(String.UnicodeScalarView(first.unicodeScalars.prefix(10)))
      return try tokenizer.windows(
        of: context.map { texts[$0.integer ?? 0] }.joined(separator: " "), after: question, maximumLength: maximum,
        stride: json["stride"]?.integer ?? 0, withOffsets: true)
    }
    let pair = json["b"]?.integer.map { texts[$0] }
    let plain = try tokenizer.encode(first, pair: pair, maximumLength: maximum, truncation: truncation)
    var located = try tokenizer.encode(
      first, pair: pair, maximumLength: maximum, truncation: truncation, withOffsets: true)
    let offsets = located.offsets
    located.offsets = []
    // Looking for offsets changes nothing else.
    guard located == plain else { return [located, plain] }
    located.offsets = offsets
    return [located]
  }

  /// In windows behind the first the library leaves type 1 where its template says 0; here every window has the
  /// template's types, so that those are compared in the first one.
  private func difference(of encoding: Encoding, from expected: JSONValue, isFurtherWindow: Bool) -> String? {
    func integers(_ key: String) -> [Int]? { expected[key]?.elements?.compactMap(\.integer) }
    let ids = encoding.ids.map(Int.init)
    if integers("ids") != ids, integers("alt") != ids {
      return "ids \(ids), not \(integers("ids") ?? [])\(place)"
    }
    guard integers("ids") == ids else { return nil }
    let types = encoding.typeIDs.map(String.init).joined()
    let isUntyped = isFurtherWindow && !types.contains("1")
    if !isUntyped, types != expected["types"]?.string ?? String(repeating: "0", count: ids.count) {
      return "types \(types), not \(expected["types"]?.string ?? "all 0")\(place)"
    }
    if let words = integers("words"), words != encoding.words.map(Int.init) {
      return "words \(encoding.words), not \(words)\(place)"
    }
    let offsets = encoding.offsets.flatMap { [Int($0.lowerBound), Int($0.upperBound)] }
    if let wanted = integers("offsets"), wanted != offsets { return "offsets \(offsets), not \(wanted)\(place)" }
    return nil
  }
}
