import Data
import Testing
import Text

struct TableTests {
  private func rows(_ content: String, _ name: String, _ columns: ColumnMapping, limit: Int? = nil) throws -> [Table
    .Row]
  {
    let folder = try TemporaryFolder()
    return try Table(file: try folder.write(content, to: name), columns: columns, limit: limit).rows
  }

  private let pairs = ColumnMapping(text: "a", pair: "b", label: "l", id: "n")

  @Test("CSV: quotes, doubled quotes, line breaks in fields, CRLF and a byte order mark")
  func commaSeparated() throws {
    let content = "\u{FEFF}n,a,l,b\r\n7,\"x, \"\"y\"\"\",0,\"two\r\nlines\"\r\n\r\n8,pl\"ain,1,\r\n9,\"\",2,\"end\""
    let rows = try rows(content, "t.csv", pairs)
    #expect(rows.map(\.text) == ["x, \"y\"", "pl\"ain", ""])
    #expect(rows.map(\.pair) == ["two\r\nlines", "", "end"])
    #expect(rows.map(\.label) == ["0", "1", "2"])
    #expect(rows.map(\.id) == ["7", "8", "9"])
    #expect(rows.map(\.line) == [2, 5, 6])
  }

  @Test("The line by which a spreadsheet names its separator is not the header")
  func separatorLine() throws {
    let rows = try rows("sep=,\r\nn,a,l,b\r\n7,x,0,y\r\n", "t.csv", pairs)
    #expect(rows.map(\.text) == ["x"] && rows.map(\.line) == [3])
    let error = #expect(throws: TableError.self) { try self.rows("sep=;\nn;a\n7;x\n", "t.csv", pairs) }
    #expect(error?.remedy.contains("fields are separated by \";\": write the file with commas") == true)
  }

  @Test("JSON ids of any length stay as they are written")
  func longIDs() throws {
    let ids = ["12345678901234567890", "-98765432109876543210987654321", "18446744073709551615", "7"]
    let content = ids.map { "{\"a\": \"x\", \"b\": \"y\", \"l\": 0, \"n\": \($0)}\n" }.joined()
    #expect(try rows(content, "t.jsonl", pairs).map(\.id) == ids)
  }

  @Test("A key of an object in an object has the names of both, unless a key is written that way itself")
  func nestedKeys() throws {
    let columns = ColumnMapping(text: "a.x", label: "l.name")
    let content = """
      {"a": {"x": "in", "y": {"z": 1}}, "l": {"name": "yes"}, "b": {}}
      {"l.name": "no", "a": {"x": "second"}, "l": {"name": "other"}}
      """
    let rows = try rows(content, "t.jsonl", columns)
    #expect(rows.map(\.text) == ["in", "second"] && rows.map(\.label) == ["yes", "no"])
    let error = #expect(throws: TableError.self) { try self.rows("{\"a\": {\"y\": 1}}", "t.jsonl", columns) }
    #expect(error?.problem.contains("has no key \"a.x\" (keys: \"a\", \"a.y\")") == true, "\(error as Any)")
  }

  @Test("TSV: quotes are letters, and blanks at the end of a text stay")
  func tabSeparated() throws {
    let rows = try rows("sentence\tlabel\n\"a , \"b \t1\r\n'' \t0", "t.TSV", ColumnMapping(text: "sentence"))
    #expect(rows.map(\.text) == ["\"a , \"b ", "'' "])
    #expect(rows.map(\.label) == ["1", "0"])
  }

  @Test("JSON lines: labels as strings or numbers, keys in any order, blank lines", arguments: ["t.json", "t.jsonl"])
  func jsonLines(name: String) throws {
    let content = """
      {"a": "x", "b": "y\\n", "l": "1", "n": 5}

      {"n": "6", "l": 0, "b": "", "a": "é", "more": [1]}\r
      {"a": "", "b": "z", "l": 2.0, "n": 7}
      """
    let rows = try rows(content, name, pairs)
    #expect(rows.map(\.text) == ["x", "é", ""])
    #expect(rows.map(\.pair) == ["y\n", "", "z"])
    #expect(rows.map(\.label) == ["1", "0", "2"])
    #expect(rows.map(\.id) == ["5", "6", "7"])
    #expect(rows.map(\.line) == [1, 3, 4])
  }

  @Test("An array of objects is read as lines are, over several lines or one", arguments: ["t.json", "t.jsonl"])
  func jsonArray(name: String) throws {
    let content = """
      [
        {"a": "x, ]} \\"q\\"", "b": "y", "l": "1", "n": "a-1"},
        {
          "a": 12, "b": true, "l": false, "n": 7
        }, {"a": 1.5, "b": null, "l": 1.0, "n": "", "more": [[1], {"x": "]"}]}
      ]

      """
    let rows = try rows(content, name, pairs)
    #expect(rows.map(\.text) == ["x, ]} \"q\"", "12", "1.5"])
    #expect(rows.map(\.pair) == ["y", "true", ""])
    #expect(rows.map(\.label) == ["1", "false", "1"])
    #expect(rows.map(\.id) == ["a-1", "7", ""])
    #expect(rows.map(\.line) == [2, 3, 5])
    #expect(try self.rows(content, name, pairs, limit: 2).count == 2)
  }

  @Test("Columns without a name, and columns of one name that nobody asks for, do no harm")
  func unnamedColumns() throws {
    let rows = try rows("v1,v2,,,\nham,fine,,,\nspam,buy,,,\n", "t.csv", ColumnMapping(text: "v2", label: "v1"))
    #expect(rows.map(\.label) == ["ham", "spam"])
  }

  @Test("A table of one column may have empty rows, and needs no labels")
  func oneColumn() throws {
    let rows = try rows("text\nx\n\ny\n", "t.csv", ColumnMapping(text: "text", label: nil))
    #expect(rows.map(\.text) == ["x", "", "y"])
    #expect(rows.allSatisfy { $0.label == nil && $0.id == nil })
  }

  @Test("Only the first rows are read if there is a limit, and faults behind them do not matter")
  func limit() throws {
    #expect(try rows("text\tlabel\nx\t1\ny\t0\nz\n", "t.tsv", ColumnMapping(text: "text"), limit: 2).count == 2)
    #expect(try rows("{\"text\": \"x\", \"label\": 1}\n?", "t.json", ColumnMapping(text: "text"), limit: 1).count == 1)
  }

  @Test(
    "What ships is read in full",
    arguments: [
      ("sst2/train.tsv", ColumnMapping(text: "sentence"), 67_349, 37_569),
      ("sst2/dev.tsv", ColumnMapping(text: "sentence"), 872, 444),
      ("afqmc/train.json", ColumnMapping(text: "sentence1", pair: "sentence2"), 34_334, 10_573),
      ("afqmc/dev.json", ColumnMapping(text: "sentence1", pair: "sentence2"), 4_316, 1_338),
    ])
  func shippedFiles(name: String, columns: ColumnMapping, count: Int, positives: Int) throws {
    let table = try Table(file: shipped(name), columns: columns)
    #expect(table.rows.count == count)
    #expect(table.quoting == .plain)
    #expect(table.rows.filter { $0.label == "1" }.count == positives)
    #expect(try LabelScheme(of: table, labels: nil) == .integers(classes: 2))
  }
}
