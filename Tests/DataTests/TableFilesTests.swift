import Data
import Testing
import Text

@Suite("A table of several files")
struct TableFilesTests {
  private let folder: TemporaryFolder
  private let columns = ColumnMapping(text: "text")

  init() throws { folder = try TemporaryFolder() }

  private func files(_ names: String...) -> TableFiles { TableFiles(names.map { "\(folder.path)/\($0)" }) }

  private func write() throws {
    _ = try folder.write("text\tlabel\na\t0\nb\t1\n", to: "one.tsv")
    _ = try folder.write("label,text\n1,\"c\nd\"\n0,e\n", to: "two.csv")
    _ = try folder.write(IDXBytes.gzip(Array("{\"text\": \"f\", \"label\": \"1\"}\n".utf8)), to: "three.jsonl.gz")
  }

  @Test("has the rows of all of them in the order in which they are named")
  func rows() throws {
    try write()
    let table = try Table(files: files("one.tsv", "two.csv", "three.jsonl.gz"), columns: columns)
    #expect(table.rows.map(\.text) == ["a", "b", "c\nd", "e", "f"])
    #expect(table.rows.map(\.label) == ["0", "1", "1", "0", "1"])
    let places = table.rows.map { table.place(of: $0.line) }
    #expect(places.map(\.line) == [2, 3, 2, 4, 1])
    #expect(
      places.map { $0.file.split(separator: "/").last } == [
        "one.tsv", "one.tsv", "two.csv", "two.csv", "three.jsonl.gz",
      ])
    #expect(Set(table.rows.map(\.line)).count == 5)
  }

  @Test("counts a limit over all of them", arguments: [1, 2, 3, 4, 5, 9])
  func limit(count: Int) throws {
    try write()
    let files = files("one.tsv", "two.csv", "three.jsonl.gz")
    let all = try Table(files: files, columns: columns).rows
    #expect(try Table(files: files, columns: columns, limit: count).rows == Array(all.prefix(count)))
  }

  @Test("is what a pattern matches, in the order of the bytes of the names")
  func pattern() throws {
    for name in ["train-10.tsv", "train-2.tsv", "train-B.tsv", "train-a.tsv", "other.tsv"] {
      _ = try folder.write("text\tlabel\n\(name)\t0\n", to: name)
    }
    let rows = try Table(files: files("train-*.tsv"), columns: columns).rows
    #expect(rows.map(\.text) == ["train-10.tsv", "train-2.tsv", "train-B.tsv", "train-a.tsv"])
    #expect(try files("train-?.tsv", "other.tsv").paths().count == 4)
    _ = try folder.write("text\tlabel\nx\t0\n", to: "odd[1].tsv")
    #expect(try files("odd[1].tsv").paths() == ["\(folder.path)/odd[1].tsv"], "a file of that name")
  }

  @Test("needs a match for each pattern, and each file once")
  func patternErrors() throws {
    try write()
    let none = #expect(throws: TableError.self) { try self.files("one.tsv", "no-*.tsv").paths() }
    #expect(
      none?.description
        == "\(folder.path)/no-*.tsv: no file matches this pattern; correct the pattern or its folder")
    let twice = #expect(throws: TableError.self) { try self.files("one.tsv", "*.tsv").paths() }
    #expect(twice?.file == "\(folder.path)/one.tsv" && twice?.problem.hasPrefix("is named twice") == true)
  }

  @Test("must have the same columns in all of them, in whichever order")
  func otherColumns() throws {
    try write()
    _ = try folder.write("text,label,more\nx,1,2\n", to: "four.csv")
    let error = #expect(throws: TableError.self) {
      try Table(files: self.files("one.tsv", "two.csv", "four.csv"), columns: columns)
    }
    #expect(
      error?.description
        == "\(folder.path)/four.csv: has the columns \"text\", \"label\", \"more\", and \(folder.path)/one.tsv \"text\","
        + " \"label\"; give files with the same columns")
  }

  private func dataset(_ files: TableFiles, maximumLength: Int = 8, cache: String? = nil) throws -> TokenDataset {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"]
    let vocabulary = try Vocabulary(contentsOfFile: folder.write(tokens.joined(separator: "\n"), to: "vocab.txt"))
    var settings = TokenDataset.Settings(
      tokenizer: try WordPieceTokenizer(vocabulary: vocabulary), maximumLength: maximumLength)
    settings.cacheFolder = cache
    return try TokenDataset(files: files, columns: columns, labels: .inferred(labels: nil), settings: settings)
  }

  @Test("names the file and the line of a row that is wrong")
  func lines() throws {
    try write()
    _ = try folder.write("text\tlabel\nx\t0\ny\n", to: "short.tsv")
    let short = #expect(throws: TableError.self) { try self.dataset(self.files("one.tsv", "short.tsv")) }
    #expect(short?.file == "\(folder.path)/short.tsv" && short?.line == 3)
    _ = try folder.write("text\tlabel\nx\t0\ny\t0.5\n", to: "half.tsv")
    let half = #expect(throws: TableError.self) { try self.dataset(self.files("one.tsv", "half.tsv")) }
    #expect(half?.file == "\(folder.path)/half.tsv" && half?.line == 3, "\(half as Any)")
  }

  @Test("has tokens of its own in the cache, whatever of its files changes")
  func cached() throws {
    try write()
    let (cache, all) = ("\(folder.path)/cache", files("one.tsv", "two.csv"))
    #expect(try dataset(all, cache: cache).rowCount == 4)
    #expect(try dataset(all, cache: cache).isFromCache)
    #expect(try !dataset(files("two.csv", "one.tsv"), cache: cache).isFromCache)
    #expect(try !dataset(files("one.tsv"), cache: cache).isFromCache)
    _ = try folder.write("label,text\n1,c\n0,e\n", to: "two.csv")
    #expect(try !dataset(all, cache: cache).isFromCache)
  }
}
