import Data
import Testing

@Suite("A table without a header")
struct HeaderlessTableTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let options = TableOptions(hasHeader: false)

  private func table(
    _ content: String, _ columns: ColumnMapping, _ name: String = "t.tsv", options: TableOptions = options,
    limit: Int? = nil
  ) throws -> Table {
    try Table(file: folder.write(content, to: name), columns: columns, limit: limit, options: options)
  }

  private func error(
    _ content: String, _ columns: ColumnMapping, _ name: String = "t.tsv", options: TableOptions = options
  ) -> String? {
    #expect(throws: TableError.self) { try table(content, columns, name, options: options) }?.description
  }

  @Test("names its columns by number from 0, and its first line is a row")
  func numbers() throws {
    let acceptability = "gj04\t1\t\tOur friends won't buy this.\ngj04\t0\t*\tThem ran.\n"
    let rows = try table(acceptability, ColumnMapping(text: "3", label: "1")).rows
    #expect(rows.map(\.text) == ["Our friends won't buy this.", "Them ran."])
    #expect(rows.map(\.label) == ["1", "0"] && rows.map(\.line) == [1, 2])
    let news = try table(
      "\"3\",\"Title\",\"a \"\"b\"\",\nc\"\n\"4\",\"T\",\"d\"\n", ColumnMapping(text: "1", pair: "2", label: "0"),
      "t.csv")
    #expect(news.rows.map(\.pair) == ["a \"b\",\nc", "d"] && news.rows.map(\.label) == ["3", "4"])
    #expect(news.rows.map(\.line) == [1, 3])
    #expect(try table(acceptability, ColumnMapping(text: "3", label: "1"), limit: 1).rows.count == 1)
    #expect(try table("a b\nc d\n", ColumnMapping(text: "0", label: nil)).rows.map(\.text) == ["a b", "c d"])
  }

  @Test("takes no name, and no number of a column that it does not have")
  func wrongColumns() {
    #expect(
      error("a\t1\n", ColumnMapping(text: "sentence", label: "1"))
        == "\(folder.path)/t.tsv: has no header (data.header: false), and data.columns.text is the name \"sentence\"; give"
        + " the column's number from 0 to 1 in data.columns.text")
    #expect(
      error("a\t1\n", ColumnMapping(text: "0", label: "2", vocabulary: .options))
        == "\(folder.path)/t.tsv: has 2 columns, and --label is 2; give a number from 0 to 1")
    #expect(error("a\t1\n", ColumnMapping(text: "0", label: "99999999999999999999"))?.contains("has 2 columns") == true)
    #expect(
      error("a\t1\nb\n", ColumnMapping(text: "0", label: "1"))?.contains("line 2: has 1 column, and the first row 2")
        == true)
    #expect(
      error("{\"0\": 1}", ColumnMapping(text: "0", label: nil), "t.jsonl")
        == "\(folder.path)/t.jsonl: holds objects, whose keys name their values, and data.header: false is for columns"
        + " without names; leave it out")
  }

  @Test("A number is the name of a column where the header has that name, and else the header is doubted")
  func numberedNames() throws {
    let plain = TableOptions()
    #expect(try table("1\t0\na\tb\n", ColumnMapping(text: "0", label: "1"), options: plain).rows.map(\.text) == ["b"])
    #expect(
      error("text\tlabel\na\t0\n", ColumnMapping(text: "3", label: "label"), options: plain)
        == "\(folder.path)/t.tsv: has no column \"3\" (columns: \"text\", \"label\"); name one of these in"
        + " data.columns.text, or set data.header: false if the first line is a row")
  }

  @Test(
    "A first line that looks like a row is said to be one, where a column is not found",
    arguments: ["gj04\t1\t\tOur friends won't buy this.\n", "Is this in New Orleans?? I really feel so.\t27\tx\n"])
  func doubted(line: String) {
    for (vocabulary, setting) in [(ColumnVocabulary.recipe, "data.header: false"), (.options, "--no-header")] {
      let text = error(line + line, ColumnMapping(text: "sentence", vocabulary: vocabulary), options: TableOptions())
      #expect(text?.hasSuffix(", or set \(setting) and number the columns from 0 if the first line is a row") == true)
    }
    #expect(
      error("text\tclass\nfine\t1\n", ColumnMapping(text: "sentence"), options: TableOptions())?.contains("header")
        == false)
  }

  @Test("needs the same number of columns in all its files")
  func files() throws {
    let files = TableFiles([try folder.write("a\t1\n", to: "a.tsv"), try folder.write("b\t1\t2\n", to: "b.tsv")])
    let error = #expect(throws: TableError.self) {
      try Table(files: files, columns: ColumnMapping(text: "0", label: "1"), options: Self.options)
    }
    #expect(
      error?.description.contains("b.tsv: has 3 columns, and \(folder.path)/a.tsv 2; give files with the same") == true)
  }
}
