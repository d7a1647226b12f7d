import Testing
import Text

struct TruncationTests {
  /// How many tokens the reference keeps of texts of 7 and 4, 4 and 7, 5 and 5 one-token words.
  @Test(
    "The longer text gives first, then the second one gives more",
    arguments: [
      (7, 4, 14, 7, 4), (7, 4, 13, 6, 4), (7, 4, 11, 4, 4), (7, 4, 10, 4, 3), (7, 4, 9, 3, 3),
      (4, 7, 13, 4, 6), (4, 7, 10, 4, 3), (5, 5, 12, 5, 4), (5, 5, 11, 4, 4), (5, 5, 3, 0, 0),
    ])
  func pairs(first: Int, second: Int, maximumLength: Int, keptFirst: Int, keptSecond: Int) throws {
    let vocabulary = try Vocabulary(contentsOfFile: Locations.shipped("vocabulary/bert-base-uncased.txt"))
    let encoding = WordPieceTokenizer(vocabulary: vocabulary).encode(
      String(repeating: "a ", count: first), pair: String(repeating: "b ", count: second), maximumLength: maximumLength)
    let (a, b) = (try #require(vocabulary.id(of: "a")), try #require(vocabulary.id(of: "b")))
    let special = vocabulary.special
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
    let tokenizer = WordPieceTokenizer(vocabulary: vocabulary)
    #expect(tokenizer.encode("", maximumLength: 8).ids == [101, 102])
    #expect(tokenizer.encode("", pair: "", maximumLength: 8) == Encoding(ids: [101, 102, 102], typeIDs: [0, 0, 1]))
  }
}
