import Testing
import Text

struct TruncationTests {
  /// How many tokens the Rust library keeps of texts of that many one-token words, by transformers 5.24.
  @Test(
    "The longer text gives first; what both keep is halved, and an odd token is the longer text's",
    arguments: [
      (7, 4, 14, 7, 4), (7, 4, 13, 6, 4), (7, 4, 11, 4, 4), (7, 4, 10, 4, 3), (7, 4, 9, 3, 3),
      (4, 7, 13, 4, 6), (4, 7, 10, 3, 4), (4, 7, 8, 2, 3), (5, 5, 12, 4, 5), (5, 5, 11, 4, 4), (5, 5, 3, 0, 0),
      (9, 1, 6, 2, 1), (1, 9, 6, 1, 2), (9, 1, 4, 1, 0), (0, 9, 6, 0, 3),
    ])
  func pairs(first: Int, second: Int, maximumLength: Int, keptFirst: Int, keptSecond: Int) throws {
    let vocabulary = try Vocabulary(contentsOfFile: Locations.shipped("vocabulary/bert-base-uncased.txt"))
    let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary)
    let encoding = tokenizer.encode(
      String(repeating: "a ", count: first), pair: String(repeating: "b ", count: second), maximumLength: maximumLength)
    let (a, b) = (try #require(vocabulary.id(of: "a")), try #require(vocabulary.id(of: "b")))
    let special = tokenizer.special
    let expected =
      [special.classification] + Array(repeating: a, count: keptFirst) + [special.separator]
      + Array(repeating: b, count: keptSecond) + [special.separator]
    #expect(encoding.ids == expected)
    #expect(encoding.typeIDs.filter { $0 == 0 }.count == keptFirst + 2)
    #expect(encoding.typeIDs == encoding.typeIDs.sorted())
  }

  @Test("An empty second text still has its separator, and an empty row is [CLS] [SEP]")
  func empty() throws {
    let vocabulary = try Vocabulary(contentsOfFile: Locations.shipped("vocabulary/bert-base-uncased.txt"))
    let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary)
    #expect(tokenizer.encode("", maximumLength: 8).ids == [101, 102])
    let pair = tokenizer.encode("", pair: "", maximumLength: 8)
    #expect(pair == Encoding(ids: [101, 102, 102], typeIDs: [0, 0, 1], words: [-1, -1, -1]))
  }
}
