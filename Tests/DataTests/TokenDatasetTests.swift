import Data
import Foundation
import Testing
import Text

struct TokenDatasetTests {
  private let folder: TemporaryFolder
  private let tokenizer: WordPieceTokenizer

  init() throws {
    folder = try TemporaryFolder()
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##b", "c"]
    tokenizer = try WordPieceTokenizer(
      vocabulary: Vocabulary(contentsOfFile: folder.write(tokens.joined(separator: "\n"), to: "vocab.txt")))
  }

  private var cache: String { "\(folder.path)/cache/lockstep" }

  private func table() throws -> String {
    try folder.write("one\ttwo\tlabel\tn\na b\tc\tno\t40\nabb\t\tyes\t41\nq\ta a a a a a\tno\t42\n", to: "t.tsv")
  }

  private func dataset(
    _ file: String, maximumLength: Int = 8, limit: Int? = nil, labels: LabelSource = .inferred(labels: 2),
    cache: String?, refreshes: Bool = false
  ) throws -> TokenDataset {
    try TokenDataset(
      file: file, columns: ColumnMapping(text: "one", pair: "two", label: "label", id: "n"), limit: limit,
      labels: labels,
      settings: settings(maximumLength: maximumLength, cache: cache, refreshes: refreshes))
  }

  private func settings(
    maximumLength: Int = 8, cache: String?, refreshes: Bool = false, options: TableOptions = TableOptions()
  ) -> TokenDataset.Settings {
    var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: maximumLength)
    (settings.cacheFolder, settings.refreshesCache, settings.options) = (cache, refreshes, options)
    return settings
  }

  private func check(_ dataset: TokenDataset) {
    #expect(dataset.rowCount == 3)
    #expect(dataset.lengths == [6, 6, 8])
    #expect(Array(dataset.tokens(0)) == [2, 5, 6, 3, 8, 3])
    #expect(Array(dataset.tokens(1)) == [2, 5, 7, 7, 3, 3])
    #expect((0..<3).map(dataset.pairStart) == [4, 5, 3])
    #expect((0..<3).map(dataset.label) == [0, 1, 0])
    #expect((0..<3).map(dataset.sampleID) == [40, 41, 42])
    #expect((0..<3).map(dataset.rowID) == ["40", "41", "42"])
    #expect(dataset.cutRows == 1)
    #expect(dataset.emptyRows == 1)
    #expect(dataset.labelNames == ["no", "yes"])
  }

  @Test("The rows are the same without a cache, when they are built for it, and when they come from it")
  func cached() throws {
    let file = try table()
    check(try dataset(file, cache: nil))
    let built = try dataset(file, cache: cache)
    check(built)
    #expect(!built.isFromCache)
    let cached = try dataset(file, cache: cache)
    check(cached)
    #expect(cached.isFromCache)
    #expect(try folder.files(in: "cache/lockstep").count == 1)
  }

  @Test("Whatever the tokens depend on makes another key")
  func keys() throws {
    let file = try table()
    _ = try dataset(file, cache: cache)
    #expect(try !dataset(file, maximumLength: 7, cache: cache).isFromCache)
    #expect(try !dataset(file, limit: 2, cache: cache).isFromCache)
    // Labels are kept as they are written, so that a task makes no other key.
    #expect(try dataset(file, labels: .inferred(labels: 3), cache: cache).isFromCache)
    let columns = ColumnMapping(text: "two", pair: "one", label: "label", id: "n")
    func read(_ tokenizer: WordPieceTokenizer, _ options: TableOptions = TableOptions()) throws -> Bool {
      var settings = settings(cache: cache, options: options)
      settings.tokenizer = tokenizer
      return try TokenDataset(file: file, columns: columns, labels: .inferred(labels: 2), settings: settings)
        .isFromCache
    }
    #expect(try !read(tokenizer))
    #expect(try !read(WordPieceTokenizer(vocabulary: tokenizer.vocabulary, options: .init(lowercase: false))))
    var left = tokenizer.options
    left.truncationSide = .left
    #expect(try !read(WordPieceTokenizer(vocabulary: tokenizer.vocabulary, options: left)))
    #expect(try read(tokenizer))
    #expect(try !read(tokenizer, TableOptions(quotes: .none)))
    #expect(try !read(tokenizer, TableOptions(encoding: .latin1)))
    let numbers = ColumnMapping(text: "0", pair: "1", label: "2", id: "3")
    let headless = settings(cache: cache, options: TableOptions(hasHeader: false))
    #expect(
      try TokenDataset(file: file, columns: numbers, labels: .inferred(labels: nil), settings: headless).rowCount == 4)
    try Foundation.Data("one\ttwo\tlabel\tn\na b\tc\tno\t40\na b\tc\tyes\t41\n".utf8).write(to: URL(filePath: file))
    #expect(try dataset(file, cache: cache).rowCount == 2)
  }

  @Test(
    "A damaged cache file is found out and built anew",
    arguments: [0, 8, 16, 40, 56, 72, 88, 110, 140, 200, 230, -1, -8, -40])
  func damaged(offset: Int) throws {
    let file = try table()
    _ = try dataset(file, cache: cache)
    let url = URL(filePath: "\(cache)/\(try folder.files(in: "cache/lockstep")[0])")
    var bytes = try Foundation.Data(contentsOf: url)
    bytes[offset < 0 ? bytes.count + offset : offset] ^= 0x10
    try bytes.write(to: url)
    let rebuilt = try dataset(file, cache: cache)
    #expect(!rebuilt.isFromCache)
    check(rebuilt)
    #expect(try dataset(file, cache: cache).isFromCache)
  }

  @Test("A cache file cut off anywhere is found out", arguments: [0, 1, 100, 191, 192, 300])
  func truncated(size: Int) throws {
    let file = try table()
    _ = try dataset(file, cache: cache)
    let url = URL(filePath: "\(cache)/\(try folder.files(in: "cache/lockstep")[0])")
    try Foundation.Data(contentsOf: url).prefix(size).write(to: url)
    let rebuilt = try dataset(file, cache: cache)
    #expect(!rebuilt.isFromCache)
    check(rebuilt)
  }

  @Test("Ranks that build the same rows at once all have them, and leave one file")
  func concurrent() async throws {
    let file = try table()
    try await withThrowingTaskGroup(of: TokenDataset.self) { group in
      for _ in 0..<8 {
        group.addTask { [settings = settings(cache: cache)] in
          try TokenDataset(
            file: file, columns: ColumnMapping(text: "one", pair: "two", label: "label", id: "n"),
            labels: .inferred(labels: 2), settings: settings)
        }
      }
      for try await dataset in group { check(dataset) }
    }
    #expect(try folder.files(in: "cache/lockstep").count == 1)
  }

  @Test("A refresh tokenises again and replaces the entry, whatever it holds")
  func refresh() throws {
    let file = try table()
    _ = try dataset(file, cache: cache)
    let url = URL(filePath: "\(cache)/\(try folder.files(in: "cache/lockstep")[0])")
    let before = try #require(try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? Int)
    let refreshed = try dataset(file, cache: cache, refreshes: true)
    check(refreshed)
    #expect(!refreshed.isFromCache)
    #expect(try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? Int != before)
    #expect(try folder.files(in: "cache/lockstep").count == 1)
    #expect(try dataset(file, cache: cache).isFromCache)
  }

  @Test("Ids are texts; the ledger has them where all are whole numbers, else the rows' own numbers")
  func identifiers() throws {
    func read(_ ids: [String]) throws -> TokenDataset {
      let rows = ids.map { "a\tb\tno\t\($0)\n" }.joined() + "a\tb\tyes\t9\n"
      return try dataset(folder.write("one\ttwo\tlabel\tn\n" + rows, to: "ids.tsv"), cache: cache)
    }
    for _ in 0..<2 {
      let words = try read(["x-1", "", "007"])
      #expect((0..<4).map(words.rowID) == ["x-1", "", "007", "9"])
      #expect((0..<4).map(words.sampleID) == [0, 1, 2, 3])
      let numbers = try read(["007", "-3"])
      #expect((0..<3).map(numbers.rowID) == ["007", "-3", "9"])
      #expect((0..<3).map(numbers.sampleID) == [7, -3, 9])
    }
    let file = try table()
    let plain = try TokenDataset(
      file: file, columns: ColumnMapping(text: "one"), labels: .inferred(labels: 2), settings: settings(cache: nil))
    #expect((0..<3).map(plain.rowID) == ["0", "1", "2"])
  }

  @Test("Rows that two tables share are counted by text and pair")
  func shared() throws {
    let file = try table()
    let other = try folder.write(
      "one\ttwo\tlabel\tn\na b\tc\tyes\t1\na\tb c\tno\t2\nq\ta a a a a a\tno\t3\na b\tc\tno\t4\n", to: "other.tsv")
    for _ in 0..<2 {
      #expect(try dataset(other, cache: cache).rowsShared(with: dataset(file, cache: cache)) == 3)
      #expect(try dataset(file, cache: cache).rowsShared(with: dataset(other, cache: cache)) == 2)
    }
  }

  @Test("A row is cut only if it is longer than the maximum, and a blank text counts as empty")
  func counted() throws {
    let file = try folder.write("one\tlabel\na b c a b c\t0\na b c a b c a\t1\n \t0\n\t1\n", to: "cut.tsv")
    let dataset = try TokenDataset(
      file: file, columns: ColumnMapping(text: "one"), labels: .inferred(labels: nil), settings: settings(cache: nil))
    #expect(dataset.cutRows == 1)
    #expect(dataset.emptyRows == 2)
  }

  @Test("Classes may be put in a model's order, and are counted in it")
  func ordered() throws {
    let rows = try dataset(try table(), cache: nil)
    let scheme = LabelScheme.names(["yes", "no"])
    let dataset = rows.with(Targets(classes: try scheme.classes(of: rows.targetCells)))
    #expect((0..<3).map(dataset.label) == [1, 0, 1])
    #expect(dataset.classCounts(names: ["yes", "no"]).map(\.rows) == [1, 2])
  }

  @Test("A cache folder that cannot be made costs nothing but time")
  func unwritable() throws {
    let file = try table()
    let blocked = try dataset(file, cache: "\(file)/cache")
    check(blocked)
    #expect(!blocked.isFromCache)
  }

  @Test("A maximum length without room for a token is refused")
  func maximumLength() throws {
    let file = try table()
    #expect(throws: TokenDatasetError.maximumLength(2, shortest: 3)) { try dataset(file, maximumLength: 2, cache: nil) }
  }

  @Test("A microbatch packs its rows without padding")
  func microbatch() throws {
    let microbatch = try dataset(try table(), cache: nil).microbatch(rows: [2, 0], positions: 5..<7)
    #expect(microbatch.labels == [0, 0])
    #expect(microbatch.rows == [5, 6])
    #expect(microbatch.sampleIDs == [42, 40])
    guard case .tokens(let batch) = microbatch.input else { return #expect(Bool(false), "no tokens") }
    #expect(batch.offsets == [0, 8, 14])
    #expect(batch.ids == [2, 1, 3, 5, 5, 5, 5, 3, 2, 5, 6, 3, 8, 3])
    #expect(batch.typeIDs == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1])
    #expect(batch.positions == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5])
  }

  @Test("An evaluation sees each row once, short rows first")
  func evaluation() throws {
    let plan = EvaluationPlan(dataset: try dataset(try table(), cache: nil), microbatchSize: 2)
    #expect(plan.rows == [0, 1, 2])
    #expect(plan.microbatches == [0..<2, 2..<3])
  }
}
