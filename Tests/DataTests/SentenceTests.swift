import Data
import Foundation
import Support
import Testing
import Text

@Suite("Sentences of a CoNLL file")
struct SentenceTests {
  private func rows(_ text: String, _ columns: ColumnMapping = ColumnMapping(text: "sentence")) throws -> Table {
    try Table(Array(text.utf8), format: .conll, columns: columns, source: "t.conll")
  }

  @Test("are rows: words joined by blanks, their tags a list", arguments: ["\t", " ", "   "])
  func sentences(separator: String) throws {
    let table = try rows("EU\(separator)B-ORG\nrejects\(separator)O\n\t\n\nGermany\(separator)B-LOC\r\n")
    #expect(table.rows.map(\.text) == ["EU rejects", "Germany"])
    #expect(table.rows.map(\.words) == [[0..<2, 3..<10], [0..<7]])
    #expect(table.rows.map(\.labels) == [["[\"B-ORG\", \"O\"]"], ["[\"B-LOC\"]"]])
    #expect(table.rows.map(\.line) == [1, 5])
  }

  @Test("leave documents' marks and comments out, and not a word that is a number sign")
  func marks() throws {
    let text = "-DOCSTART- -X- O O\n\n# id 7\tdomain=en\nEU NNP I-NP B-ORG\n# NN I-NP O\n"
    let table = try rows(text)
    #expect(table.rows.map(\.text) == ["EU #"])
    #expect(table.rows[0].labels == ["[\"B-ORG\", \"O\"]"])
    let parts = try rows(text, ColumnMapping(text: "0", label: "1"))
    #expect(parts.rows[0].labels == ["[\"NNP\", \"NN\"]"])
  }

  @Test("need no tags where nobody asks for them")
  func unlabelled() throws {
    let table = try rows("EU\nrejects\n\nGermany\n", ColumnMapping(text: "sentence", label: nil))
    #expect(table.rows.map(\.text) == ["EU rejects", "Germany"] && table.rows.allSatisfy(\.labels.isEmpty))
  }

  @Test(
    "are refused with file and line",
    arguments: [
      ("EU\tB-ORG\nrejects\n", "t.conll, line 2: has 1 column, and the first line 2"),
      ("EU\nrejects\n", "t.conll, line 1: has words alone, and no tag behind them"),
      (String(repeating: "w\tO\n", count: 10_000), "t.conll, line 1: begins a sentence of more than 8192 words"),
      ("\n \n\t\n", "t.conll: the file is empty"),
      ("-DOCSTART- O\n\n", "t.conll: no row follows the header"),
    ])
  func refusals(text: String, message: String) {
    let error = #expect(throws: TableError.self) { try rows(text) }
    #expect(error.map { "\($0)".hasPrefix(message) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test("of several files are refused with the line of their own file")
  func secondFile() throws {
    let folder = try TemporaryFolder()
    let files = [try folder.write("EU\tO\n", to: "a.conll"), try folder.write("\nEU\n", to: "b.conll")]
    let error = #expect(throws: TableError.self) {
      try Table(files: TableFiles(files), columns: ColumnMapping(text: "sentence"))
    }
    #expect(error?.line == 2 && error?.file == files[1], "\(error.map { "\($0)" } ?? "")")
  }

  @Test("Words of a text are runs of letters and digits, and every other character alone")
  func words() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("{\"text\": \"Don't café2 微信へ，3.5 \", \"label\": {}}\n", to: "t.jsonl")
    var settings = TokenDataset.Settings(tokenizer: try Self.tokenizer(folder), maximumLength: 64)
    (settings.layout, settings.cacheFolder) = (.words, nil)
    let data = try TokenDataset(file: path, columns: ColumnMapping(text: "text"), settings: settings)
    let words = try #require(data.words(0))
    #expect(words.places.map(words.text) == ["Don", "'", "t", "café2", "微", "信", "へ", "，", "3", ".", "5"])
  }

  @Test("A row's words begin at their first tokens, from the cache as without, and are cut with the row")
  func tokens() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("playing\tO\nwith\tO\nfire\tB-x\n\na\tO\n", to: "t.conll")
    var settings = TokenDataset.Settings(tokenizer: try Self.tokenizer(folder), maximumLength: 6)
    (settings.layout, settings.cacheFolder) = (.words, folder.path + "/cache")
    for isCached in [false, true] {
      let data = try TokenDataset(file: path, columns: ColumnMapping(text: "sentence"), settings: settings)
      #expect(data.isFromCache == isCached)
      let batch = data.microbatch(rows: [1, 0], positions: 0..<2)
      // [CLS] a [SEP] and [CLS] play ##ing with fire [SEP]
      #expect(batch.words == LabelledWords(tokens: [1, 4, 6, 7], borders: [0, 1, 4]))
      #expect(data.words(0)?.areRead == [true, true, true] && data.cutRows == 0)
      #expect(data.targetCells.words?.map(\.text) == ["playing with fire", "a"])
    }
    settings.maximumLength = 5
    let cut = try TokenDataset(file: path, columns: ColumnMapping(text: "sentence"), settings: settings)
    #expect(cut.words(0)?.areRead == [true, true, false] && cut.cutRows == 1)
    #expect(cut.microbatch(rows: [0], positions: 0..<1).words?.tokens == [1, 3])
  }

  @Test("Every token of a word has its tag where pieces are labelled, and a row counts them")
  func pieces() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("playing\tO\nwith\tO\nfire\tB-x\n\na\tO\n", to: "t.conll")
    var settings = TokenDataset.Settings(tokenizer: try Self.tokenizer(folder), maximumLength: 6)
    (settings.layout, settings.cacheFolder) = (.words, folder.path + "/cache")
    for _ in 0..<2 {
      let words = try TokenDataset(file: path, columns: ColumnMapping(text: "sentence"), settings: settings)
        .with(Targets(words: [[3, .nan, 5], [7]]))
      let data = words.labellingPieces
      #expect(data.targets(1) == [7] && data.targets(0)[0...1] == [3, 3] && data.targets(0).count == 4)
      #expect(data.weight(0) == 3 && words.weight(0) == 2)
      let batch = data.microbatch(rows: [1, 0], positions: 0..<2)
      // [CLS] a [SEP] and [CLS] play ##ing with fire [SEP]
      #expect(batch.words == LabelledWords(tokens: [1, 4, 5, 6, 7], borders: [0, 1, 5]))
      #expect(batch.labels == [7, 3, 3, -1, 5])
      let all = words.scoringAllTokens
      #expect(
        all.weight(0) == 2
          && all.microbatch(rows: [0, 1], positions: 0..<2).labels == [-1, 3, -1, -1, 5, -1, -1, 7, -1])
      #expect(data.scoringAllTokens.microbatch(rows: [0], positions: 0..<1).labels == [-1, 3, 3, -1, 5, -1])
      #expect(words.microbatch(rows: [0], positions: 0..<1).words?.tokens == [1, 3, 4])
    }
  }

  @Test("A word of a long row is read in the window in which it has most context, with its tokens there")
  func windows() throws {
    let folder = try TemporaryFolder()
    let lines = ["a", "playing", "with", "fire", "a", "playing", "a"].map { "\($0)\tO\n" }.joined()
    let path = try folder.write(lines + "\na\tO\n", to: "t.conll")
    var settings = TokenDataset.Settings(tokenizer: try Self.tokenizer(folder), maximumLength: 6)
    (settings.layout, settings.cacheFolder, settings.windows) = (.words, folder.path + "/cache", RowWindows(stride: 2))
    for isCached in [false, true] {
      let data = try TokenDataset(file: path, columns: ColumnMapping(text: "sentence"), settings: settings)
      #expect(data.isFromCache == isCached && data.cutRows == 0 && data.mostWindows == 4)
      // a play ##ing with | ##ing with fire a | fire a play ##ing | play ##ing a, between [CLS] and [SEP]
      #expect(data.words(0)?.areRead.contains(false) == false)
      let batch = data.microbatch(rows: [1, 0], positions: 0..<2)
      #expect(batch.groups == [0, 1, 5] && batch.windows == nil)
      let offset: Int32 = 3
      // A word has its scores where its first token has a token on both sides, if there is such a window.
      #expect(batch.words?.tokens == [1] + [1, 2, 8, 9, 14, 15, 21].map { offset + $0 })
      #expect(batch.words?.borders == [0, 1, 8])
      let pieces = data.with(Targets(words: [[0, 1, 2, 3, 4, 5, 6], [7]])).labellingPieces
      #expect(pieces.targets(0) == [0, 1, 1, 2, 3, 4, 5, 5, 6] && pieces.weight(0) == 9)
    }
    settings.tokenizer.truncation = Truncation(.longestFirst, side: .left)
    let left = try TokenDataset(file: path, columns: ColumnMapping(text: "sentence"), settings: settings)
    // a play ##ing a | with fire a play | play ##ing with fire | a play ##ing: the windows begin at the end.
    #expect(left.microbatch(rows: [0], positions: 0..<1).words?.tokens == [19, 20, 15, 8, 9, 2, 4])
    settings.windows = RowWindows(stride: 3)
    let long = try folder.write(String(repeating: "a\tO\n", count: 4 + 256), to: "long.conll")
    let error = #expect(throws: TokenDatasetError.self) {
      try TokenDataset(file: long, columns: ColumnMapping(text: "sentence"), settings: settings)
    }
    #expect(error?.description.contains("line 1: the text is 257 windows long") == true, "\(error?.description ?? "")")
  }

  private static func tokenizer(_ folder: TemporaryFolder) throws -> any Tokenizer {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "play", "##ing", "with", "fire", "a"]
    return try Tokenizers.read(file: try folder.write(words.joined(separator: "\n") + "\n", to: "vocab.txt"))
  }
}
