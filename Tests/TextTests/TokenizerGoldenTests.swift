import Testing
import Text

/// Rows that the Rust library `tokenizers` encoded.
struct TokenizerGoldenTests {
  @Test("Every golden row has the ids of the reference", arguments: ["bert-base-uncased", "bert-base-chinese"])
  func everyRow(name: String) throws {
    let vocabulary = try Vocabulary(contentsOfFile: Locations.shipped("vocabulary/\(name).txt"))
    let rows = try TokenizerRow.rows(of: Locations.golden("tokenizer/\(name).jsonl"))
    #expect(!rows.isEmpty)
    try check(rows, vocabulary: vocabulary)
  }

  @Test("Hostile texts have the ids of the reference under every set of options")
  func everySetOfOptions() throws {
    let vocabulary = try Vocabulary(contentsOfFile: Locations.shipped("vocabulary/bert-base-uncased.txt"))
    let rows = try TokenizerRow.rows(of: Locations.vectors("tokenizer-options.jsonl"))
    #expect(rows.count == 600)
    try check(rows, vocabulary: vocabulary)
  }

  private func check(_ rows: [TokenizerRow], vocabulary: Vocabulary) throws {
    for row in rows {
      let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary, options: row.options)
      let encoding = tokenizer.encode(row.text, pair: row.pair, maximumLength: row.maximumLength)
      #expect(encoding.ids == row.ids, "\(row.text.debugDescription), pair \(row.pair.debugDescription)")
      #expect(encoding.typeIDs == row.typeIDs, "\(row.text.debugDescription)")
    }
  }
}
