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
    _ file: String, maximumLength: Int = 8, limit: Int? = nil, labels: LabelSource = .inferred(classes: 2),
    cache: String?
  ) throws -> TokenDataset {
    try TokenDataset(
      file: file, columns: ColumnMapping(text: "one", pair: "two", label: "label", id: "n"), limit: limit,
      tokenizer: tokenizer, maximumLength: maximumLength, labels: labels, cacheFolder: cache)
  }

  private func check(_ dataset: TokenDataset) {
    #expect(dataset.rowCount == 3)
    #expect(dataset.lengths == [6, 6, 8])
    #expect(Array(dataset.tokens(0)) == [2, 5, 6, 3, 8, 3])
    #expect(Array(dataset.tokens(1)) == [2, 5, 7, 7, 3, 3])
    #expect((0..<3).map(dataset.pairStart) == [4, 5, 3])
    #expect((0..<3).map(dataset.label) == [0, 1, 0])
    #expect((0..<3).map(dataset.sampleID) == [40, 41, 42])
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
    #expect(try !dataset(file, labels: .inferred(classes: 3), cache: cache).isFromCache)
    #expect(try !dataset(file, labels: .scheme(.names(["no", "yes"], classes: 2)), cache: cache).isFromCache)
    let columns = ColumnMapping(text: "two", pair: "one", label: "label", id: "n")
    func read(_ tokenizer: WordPieceTokenizer) throws -> Bool {
      try TokenDataset(
        file: file, columns: columns, tokenizer: tokenizer, maximumLength: 8, labels: .inferred(classes: 2),
        cacheFolder: cache
      ).isFromCache
    }
    #expect(try !read(tokenizer))
    #expect(try !read(WordPieceTokenizer(vocabulary: tokenizer.vocabulary, options: .init(lowercase: false))))
    var left = tokenizer.options
    left.truncationSide = .left
    #expect(try !read(WordPieceTokenizer(vocabulary: tokenizer.vocabulary, options: left)))
    #expect(try read(tokenizer))
    try Foundation.Data("one\ttwo\tlabel\tn\na b\tc\tno\t40\n".utf8).write(to: URL(filePath: file))
    #expect(try dataset(file, cache: cache).rowCount == 1)
  }

  @Test("A damaged cache file is found out and built anew", arguments: [0, 8, 16, 40, 60, 100, 128, 140, -1, -8, -40])
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

  @Test("A cache file cut off anywhere is found out", arguments: [0, 1, 100, 127, 128, 200])
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
        group.addTask { [cache, tokenizer] in
          try TokenDataset(
            file: file, columns: ColumnMapping(text: "one", pair: "two", label: "label", id: "n"), tokenizer: tokenizer,
            maximumLength: 8, labels: .inferred(classes: 2), cacheFolder: cache)
        }
      }
      for try await dataset in group { check(dataset) }
    }
    #expect(try folder.files(in: "cache/lockstep").count == 1)
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
    #expect(throws: TokenDatasetError.maximumLength(2)) { try dataset(file, maximumLength: 2, cache: nil) }
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
