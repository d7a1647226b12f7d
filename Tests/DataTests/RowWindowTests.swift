import Data
import Foundation
import Testing
import Text

/// Rows of a table that are longer than the maximum length, in windows.
struct RowWindowTests {
  private let folder: TemporaryFolder
  private let tokenizer: WordPieceTokenizer

  init() throws {
    folder = try TemporaryFolder()
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e", "f"]
    tokenizer = try WordPieceTokenizer(
      vocabulary: Vocabulary(contentsOfFile: folder.write(words.joined(separator: "\n"), to: "vocab.txt")))
  }

  private func rows(
    _ texts: [(String, String?)], stride: Int?, maximumLength: Int = 5, layout: RowLayout = .joined
  ) throws -> TokenDataset {
    try TokenDataset(
      Table(texts, source: "rows"), tokenizer: tokenizer, maximumLength: maximumLength, layout: layout,
      windows: stride.map { RowWindows(stride: $0) })
  }

  @Test("A row has the tokens of its windows, costs all of them, and is not counted as cut")
  func single() throws {
    let rows = try rows([("a b", nil), ("a b c d e f", nil), ("a b c", nil)], stride: 1)
    #expect(Array(rows.tokens(0)) == [2, 5, 6, 3])
    #expect(Array(rows.tokens(1)) == [2, 5, 6, 7, 3, 2, 7, 8, 9, 3, 2, 9, 10, 3])
    #expect(rows.lengths == [4, 14, 5])
    #expect((0..<3).map(rows.windows) == [1, 3, 1])
    #expect(rows.cutRows == 0 && rows.windowedRows == 1 && rows.mostWindows == 3)
    let cut = try self.rows([("a b c d e f", nil)], stride: nil)
    #expect(cut.cutRows == 1 && cut.windowedRows == 0 && cut.windows(0) == 1)
  }

  @Test("Of a pair the second text is cut into windows, each behind the whole first")
  func pairs() throws {
    let rows = try rows([("a", "b c d e")], stride: 1, maximumLength: 6)
    #expect(Array(rows.tokens(0)) == [2, 5, 3, 6, 7, 3, 2, 5, 3, 7, 8, 3, 2, 5, 3, 8, 9, 3])
    guard case .tokens(let batch) = rows.microbatch(rows: [0], positions: 0..<1).input else {
      return #expect(Bool(false), "no tokens")
    }
    #expect(batch.typeIDs == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1])
    #expect(batch.positions == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
  }

  @Test("A microbatch has a score a row, and a coordinate of draws a window that no other of its batch has")
  func microbatch() throws {
    let rows = try rows([("a b c d e f", nil), ("a b", nil), ("a b c d", nil)], stride: 1)
    let microbatch = rows.microbatch(rows: [1, 0, 2], positions: 4..<7)
    #expect(microbatch.groups == nil && microbatch.windows == [0, 1, 4, 6])
    #expect(microbatch.sequences == [12, 15, 16, 17, 18, 19])
    #expect(microbatch.sequences(of: 2) == 2..<3)
    guard case .tokens(let batch) = microbatch.input else { return #expect(Bool(false), "no tokens") }
    #expect(batch.offsets == [0, 4, 9, 14, 18, 23, 27])
    // The same rows in two microbatches of the same positions have the same coordinates.
    let parts = [rows.microbatch(rows: [1, 0], positions: 4..<6), rows.microbatch(rows: [2], positions: 6..<7)]
    #expect(parts.flatMap(\.sequences) == microbatch.sequences)
  }

  @Test("Where no row is longer, rows are what they are without windows")
  func none() throws {
    let texts: [(String, String?)] = [("a b", nil), ("c", nil)]
    let (plain, windowed) = (try rows(texts, stride: nil), try rows(texts, stride: 1))
    let microbatches = [plain, windowed].map { $0.microbatch(rows: [1, 0], positions: 2..<4) }
    #expect(microbatches[1].windows == nil && microbatches[1].groups == nil)
    #expect(microbatches[0].sequences == microbatches[1].sequences && microbatches[1].sequences == [2, 3])
    #expect(plain.lengths == windowed.lengths && windowed.windowedRows == 0)
  }

  @Test("The stride is part of the key under which tokens are cached")
  func cached() throws {
    let file = try folder.write("t\tlabel\na b c d e f\t0\na\t1\n", to: "rows.tsv")
    func read(_ windows: RowWindows?) throws -> TokenDataset {
      var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: 5)
      (settings.cacheFolder, settings.windows) = ("\(folder.path)/cache", windows)
      return try TokenDataset(file: file, columns: ColumnMapping(text: "t"), settings: settings)
    }
    for isFromCache in [false, true] {
      for (windows, lengths) in [(nil, [5, 3]), (RowWindows(stride: 0), [10, 3]), (RowWindows(stride: 1), [14, 3])] {
        let rows = try read(windows)
        #expect(rows.isFromCache == isFromCache && rows.lengths == lengths.map { Int32($0) }, "\(windows as Any)")
        #expect(rows.windowedRows == (windows == nil ? 0 : 1))
      }
    }
  }

  @Test("A row that cannot be read in windows is an error with its line and what to do")
  func refused() throws {
    func problem(_ texts: [(String, String?)], stride: Int) throws -> String? {
      #expect(throws: TokenDatasetError.self) { try rows(texts, stride: stride, maximumLength: 6) }?.description
    }
    let pair = try problem([("a", "b"), ("a b", "c d e")], stride: 1)
    #expect(pair?.hasPrefix("rows, line 2: the first text has 2 tokens, which leaves room for 1 of the second") == true)
    let many = try problem([("a", nil), ("b", nil), (String(repeating: "a ", count: 4 + 256), nil)], stride: 3)
    #expect(many?.hasPrefix("rows, line 3: the text is 257 windows long, and a row may have 256; shorten it") == true)
    #expect(try rows([(String(repeating: "a ", count: 3 + 256), nil)], stride: 3, maximumLength: 6).windows(0) == 256)
  }

  @Test("An evaluation computes as many windows at once as rows, but a row's together")
  func evaluation() throws {
    let texts = ["a b c d e f", "a", "b", "a b c d", "c", "a b c d e f a b c d"].map { ($0, nil as String?) }
    let plan = EvaluationPlan(dataset: try rows(texts, stride: 1), microbatchSize: 3)
    #expect(plan.rows == [1, 2, 4, 3, 0, 5])
    #expect(plan.microbatches == [0..<3, 3..<4, 4..<5, 5..<6])
    let plain = EvaluationPlan(dataset: try rows(texts, stride: nil), microbatchSize: 4)
    #expect(plain.microbatches == [0..<4, 4..<6])
    #expect(EvaluationPlan(dataset: try rows([], stride: 1), microbatchSize: 4).microbatches.isEmpty)
  }
}
