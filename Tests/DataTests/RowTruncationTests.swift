import Data
import Foundation
import Testing
import Text

/// Rows of a table are cut as the tokenizer says.
struct RowTruncationTests {
  private func tokenizer() throws -> WordPieceTokenizer {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e", "f"]
    try words.joined(separator: "\n").write(toFile: folder + "/vocab.txt", atomically: true, encoding: .utf8)
    return try WordPieceTokenizer(vocabulary: Vocabulary(contentsOfFile: folder + "/vocab.txt"))
  }

  private func rows(_ pairs: [[String]]) -> Table { Table(pairs.map { ($0[0], $0[1]) }, source: "rows") }

  @Test(
    "Each strategy cuts the text that it names",
    arguments: [
      (Truncation(.longestFirst), [2, 5, 6, 3, 8, 9, 3]), (Truncation(.onlyFirst), [2, 5, 3, 8, 9, 10, 3]),
      (Truncation(.onlySecond, side: .left), [2, 5, 6, 7, 3, 10, 3]),
    ])
  func strategies(truncation: Truncation, ids: [Int32]) throws {
    var tokenizer = try tokenizer()
    tokenizer.truncation = truncation
    let table = rows([["a b c", "d e f"]])
    let row = try TokenDataset(table, tokenizer: tokenizer, maximumLength: 7)
    #expect(Array(row.tokens(0)) == ids)
    #expect(row.cutRows == 1)
  }

  @Test("A row that a strategy cannot fit is an error with its line, and a text alone is always cut")
  func short() throws {
    var tokenizer = try tokenizer()
    tokenizer.truncation = Truncation(.onlyFirst)
    let table = rows([["a", "b"], ["a", "b c d e f"]])
    let error = #expect(throws: TokenDatasetError.self) {
      try TokenDataset(table, tokenizer: tokenizer, maximumLength: 6)
    }
    #expect(
      error?.description.contains("rows, line 2: truncation is only_first, and the first text has 1 tokens") == true)
    #expect(error?.description.contains("use longest_first") == true)
    tokenizer.truncation = Truncation(.onlySecond)
    let alone = try TokenDataset(Table([("a b c d", nil)], source: "rows"), tokenizer: tokenizer, maximumLength: 4)
    #expect(Array(alone.tokens(0)) == [2, 5, 6, 3])
  }
}
