import Foundation
import Support
import Testing
import Text

/// Byte pair encoding beyond the golden cases.
struct BytePairTests {
  private static let roberta = Locations.golden("families/tokenizers/roberta")

  /// Ids by the Rust library.
  static let words: [(String, [Int32])] = [
    (String(repeating: "the", count: 40), [0] + [Int32](repeating: 368, count: 40) + [2]),
    (
      "ibwnatoknhiqwxknnqdktcfbinieuiiouuttcciirocngncicnrtwfiubeoridtigoerwrxoixxihbtwntnfwndtohiicqkowawa",
      [
        0, 76, 69, 90, 81, 269, 82, 78, 81, 75, 76, 84, 90, 91, 78, 81, 81, 84, 71, 78, 87, 70, 73, 69, 262, 514,
        88, 76, 76, 286, 323, 87, 70, 70, 76, 76, 338, 70, 81, 74, 81, 70, 293, 81, 85, 87, 90, 73, 76, 88, 69, 72,
        277, 370, 87, 484, 82, 264, 90, 85, 91, 82, 76, 91, 91, 76, 75, 69, 87, 90, 81, 87, 81, 73, 90, 271, 478,
        75, 76, 293, 84, 78, 358, 68, 90, 68, 2,
      ]
    ),
    (String(repeating: "a", count: 97), [0] + [Int32](repeating: 68, count: 97) + [2]),
  ]

  @Test("Words of hundreds of letters are merged in the library's order", arguments: words)
  func long(word: String, ids: [Int32]) throws {
    let tokenizer = try Tokenizers.read(directory: Self.roberta)
    #expect(tokenizer.encode(word, maximumLength: 1000).ids == ids)
    // The same among others, and when it is met again.
    let three = tokenizer.encode("\(word)\n\(word)\n", maximumLength: 1000)
    let inner = ids.dropFirst().dropLast()
    #expect(Array(three.ids.dropFirst().prefix(inner.count)) == Array(inner))
    #expect(three.words.max() == 3)
  }

  @Test(
    "add_prefix_space of tokenizer_config.json counts for RoBERTa's class, and not for one that reads tokenizer.json alone",
    arguments: [("RobertaTokenizer", Int32(278)), ("PreTrainedTokenizerFast", 368)])
  func prefixSpace(name: String, first: Int32) throws {
    try withTemporaryFolder { folder in
      let json = try FileReader.bytes(of: Self.roberta + "/tokenizer.json")
      try Data(json).write(to: URL(filePath: folder + "/tokenizer.json"))
      try "{\"tokenizer_class\": \"\(name)\", \"add_prefix_space\": true}".write(
        toFile: folder + "/tokenizer_config.json", atomically: false, encoding: .utf8)
      // By transformers 5.24.
      #expect(try Tokenizers.read(directory: folder).encode("the film", maximumLength: 9).ids == [0, first, 359, 2])
    }
  }

  @Test("Threads that share a tokenizer get the same ids")
  func threads() async throws {
    let tokenizer = try Tokenizers.read(directory: Self.roberta)
    let texts = (0..<50).map { "text number \($0) of the film" }
    let alone = texts.map { tokenizer.encode($0, maximumLength: 64).ids }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask { texts.map { tokenizer.encode($0, maximumLength: 64).ids } == alone }
      }
      for await isSame in group { #expect(isSame) }
    }
  }
}
