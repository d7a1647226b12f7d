import Data
import Testing
import Text

struct BadTableTests {
  /// What is wrong, the file's name and content, and the message behind the file's name.
  static let cases: [(String, [UInt8], String)] = [
    ("t.tsv", Array("".utf8), "the file is empty: give a table with at least one row"),
    ("t.csv", Array("\u{FEFF}\r\n".utf8), "the file is empty: give a table with at least one row"),
    ("t.json", Array(" \n".utf8), "the file is empty: give a table with at least one row"),
    ("t.tsv", Array("text\tlabel\n".utf8), "no row after the header: give a table with at least one row"),
    ("t.xls", Array("x".utf8), "unknown kind of table: give a .tsv, .csv, .json or .jsonl file"),
    (
      "t.tsv", Array("a\tlabel\nx\t1\n".utf8),
      "no column \"text\" (found: \"a\", \"label\"): name one of these in data.columns"
    ),
    (
      "t.csv", Array("text,b\nx,1\n".utf8),
      "no column \"label\" (found: \"text\", \"b\"): name one of these in data.columns"
    ),
    ("t.tsv", Array("text\tlabel\nx\t1\ny\n".utf8), "line 3 has 1 columns, the header 2: correct the row"),
    ("t.csv", Array("text,label\nx,y,1\n".utf8), "line 2 has 3 columns, the header 2: correct the row"),
    (
      "t.tsv", Array("text\tlabel\nx\t1\ny\t\n".utf8),
      "line 3 has no label in \"label\": add the label or remove the row"
    ),
    (
      "t.tsv", Array("text\tlabel\nx\t1\n".utf8) + [0x79, 0xC3, 0x09, 0x30, 0x0A],
      "line 3 is not UTF-8: convert the file to UTF-8"
    ),
    ("t.json", [0x7B, 0xFF, 0x7D], "line 1 is not UTF-8: convert the file to UTF-8"),
    ("t.csv", Array("text,label\n\"x\ny,1\n".utf8), "line 2: a field's quote is never closed: correct the row"),
    (
      "t.csv", Array("text,label\n\"x\"y,1\n".utf8),
      "line 2: text follows the closing quote of a field: correct the row"
    ),
    (
      "t.json", Array("{\"text\": \"x\", \"label\": 1}\n{\"text\": ".utf8),
      "line 2: not JSON (byte 10: the text ends where a value should stand): correct the row"
    ),
    ("t.jsonl", Array("[1]\n".utf8), "line 1: not a JSON object: one is needed per line: correct the row"),
    (
      "t.jsonl", Array("{\"t\": \"x\", \"label\": 1}\n".utf8),
      "line 1 has no key \"text\" (found: \"t\", \"label\"): add it, or name another in data.columns"
    ),
    ("t.jsonl", Array("{\"text\": 1, \"label\": 1}\n".utf8), "line 1: \"text\" is not a string: correct the row"),
    ("t.jsonl", Array("{\"text\": \"x\"}\n".utf8), "line 1 has no label in \"label\": add the label or remove the row"),
    (
      "t.jsonl", Array("{\"text\": \"x\", \"label\": null}\n".utf8),
      "line 1 has no label in \"label\": add the label or remove the row"
    ),
    (
      "t.jsonl", Array("{\"text\": \"x\", \"label\": [0]}\n".utf8),
      "line 1: \"label\" is not a string or a number: correct the row"
    ),
  ]

  @Test("A table that cannot be used is refused in one line with its file, its row and what to do", arguments: cases)
  func refused(name: String, content: [UInt8], message: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(content, to: name)
    let error = #expect(throws: TableError.self) { try Table(file: file, columns: ColumnMapping(text: "text")) }
    #expect(error?.description == "\(file): \(message)")
  }

  @Test("A missing file is named, and so is a folder in its place")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError(file: "\(folder.path)/no.tsv", reason: "No such file or directory")) {
      try Table(file: "\(folder.path)/no.tsv", columns: ColumnMapping(text: "text"))
    }
    #expect(throws: FileError(file: folder.path, reason: "not a regular file")) {
      try Table(file: folder.path, columns: ColumnMapping(text: "text"))
    }
  }

  @Test(
    "An id that is no whole number is refused",
    arguments: [("t.csv", "text,n\nx,1.5\n"), ("t.json", "{\"text\": \"x\", \"n\": \"a\"}")])
  func identifier(name: String, content: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(content, to: name)
    let error = #expect(throws: TableError.self) {
      try Table(file: file, columns: ColumnMapping(text: "text", label: nil, id: "n"))
    }
    #expect(error?.description.hasSuffix("\"n\" is not a whole number: correct the row") == true)
  }

  @Test("A message stays one short line whatever the file holds")
  func hostileNames() throws {
    let folder = try TemporaryFolder()
    let header =
      String(repeating: "\"\u{1B}[2J\nx\",", count: 500) + "\"" + String(repeating: "y", count: 10_000) + "\""
    let file = try folder.write("\(header)\n1\n", to: "t.csv")
    let error = #expect(throws: TableError.self) { try Table(file: file, columns: ColumnMapping(text: "text")) }
    let message = try #require(error?.description)
    #expect(message.utf8.count < 1000)
    #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }
}
