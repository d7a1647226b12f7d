import Data
import Testing
import Text

struct BadTableTests {
  private static let empty = ": the file is empty; give a table with at least one row"
  private static let latin =
    "set data.encoding to what the file is written in (latin-1 and windows-1252 are usual for European, gbk for Chinese"
    + " files), or convert it to UTF-8"

  /// A file's name and content, and the message behind the file's name.
  static let cases: [(String, [UInt8], String)] = [
    ("t.tsv", Array("".utf8), empty),
    ("t.csv", Array("\u{FEFF}\r\n".utf8), empty),
    ("t.json", Array(" \n".utf8), empty),
    ("t.tsv", Array("text\tlabel\n".utf8), ": no row follows the header; give a table with at least one row"),
    ("t.json", Array("[]\n".utf8), ": no row follows the header; give a table with at least one row"),
    (
      "t.tsv", Array("a\tlabel\nx\t1\n".utf8),
      ": has no column \"text\" (columns: \"a\", \"label\"); name one of these in data.columns.text"
    ),
    (
      "t.csv", Array("text,lable\nx,1\n".utf8),
      ": has no column \"label\" (columns: \"text\", \"lable\"), the nearest is \"lable\"; name one of these in"
        + " data.columns.label"
    ),
    (
      "t.csv", Array("text;label\nx;1\n".utf8),
      ": has no column \"text\" (columns: \"text;label\"); the fields look separated by semicolons: write the file with"
        + " commas"
    ),
    (
      "t.csv", Array("text\tlabel\nx\t1\n".utf8),
      ": has no column \"text\" (columns: \"text\\tlabel\"); the fields are separated by tabs: name the file .tsv"
    ),
    (
      "t.tsv", Array("text,label\nx,1\n".utf8),
      ": has no column \"text\" (columns: \"text,label\"); the fields look separated by commas: name the file .csv"
    ),
    (
      "t.tsv", Array("text\tlabel\ttext\nx\t1\ty\n".utf8),
      ": has more than one column \"text\"; rename one of them, or name another in data.columns.text"
    ),
    ("t.tsv", Array("text\tlabel\nx\t1\ny\n".utf8), ", line 3: has 1 column, and the header 2; correct the row"),
    ("t.csv", Array("text,label\nx,y,1\n".utf8), ", line 2: has 3 columns, and the header 2; correct the row"),
    (
      "t.tsv", Array("text\tlabel\n\"one\ntwo\"\t1\n\"a\" b\t0\n".utf8),
      ", line 2: has 1 column, and the header 2; quotes were read as letters, because of line 4: text follows the closing"
        + " quote of a field; correct that line, or set data.quotes: none if no field is quoted"
    ),
    (
      "t.tsv", Array("text\tlabel\nx\t1\ny\t\n".utf8),
      ", line 3: has no label in \"label\"; add the label, or remove the row"
    ),
    (
      "t.csv", Array("text,label\nx, \n".utf8), ", line 2: has no label in \"label\"; add the label, or remove the row"
    ),
    (
      "t.tsv", Array("text\tlabel\nx\t1\n".utf8) + [0x79, 0xC3, 0x09, 0x30, 0x0A],
      ", line 3: holds bytes that are not UTF-8; \(latin)"
    ),
    ("t.json", [0x7B, 0xFF, 0x7D], ", line 1: holds bytes that are not UTF-8; \(latin)"),
    (
      "t.tsv", Array("text\tlabel\nx\u{0}\t1\n".utf8),
      ", line 2: holds a byte of value zero, which no text does; set data.encoding: utf-16 if the file is UTF-16, or"
        + " remove the byte"
    ),
    ("t.csv", Array("text,label\n\"x\ny,1\n".utf8), ", line 2: a field's quote is never closed; correct the row"),
    (
      "t.csv", Array("text,label\n\"x\"y,1\n".utf8),
      ", line 2: text follows the closing quote of a field; correct the row"
    ),
    (
      "t.json", Array("{\"text\": \"x\", \"label\": 1}\n{\"text\": ".utf8),
      ", line 2: is not JSON (byte 10: the text ends where a value should stand); correct the row"
    ),
    (
      "t.json", Array("{\n  \"data\": [{\"text\": \"x\", \"label\": 1}]\n}\n".utf8),
      ", line 1: is one object over several lines, whose rows stand in \"data\"; write the rows as an array of objects, or one object a line"
    ),
    (
      "t.json", Array("{\"version\": 1, \"data\": [{\"text\": \"x\", \"label\": 1}]}\n".utf8),
      ", line 1: is one object, whose rows stand in \"data\"; write that array alone"
    ),
    ("t.jsonl", Array("[1]\n".utf8), ", line 1: is not a JSON object; write each row as one object"),
    (
      "t.json", Array("[{\"text\": \"x\", \"label\": 1},\n".utf8), ", line 2: the array is not closed; correct the file"
    ),
    (
      "t.json", Array("[{\"text\": \"x\", \"label\": 1}] x\n".utf8),
      ", line 1: text follows the array; correct the file"
    ),
    (
      "t.json", Array("[{\"text\": \"x\", \"label\": 1},\n,]".utf8),
      ", line 2: an element of the array is missing; correct the file"
    ),
    (
      "t.json", Array("[{\"text\": \"x\", \"label\": 1},\n {\"text\": \"x\" \"label\": 1}]".utf8),
      ", line 2: is not JSON (byte 14: neither a comma nor the closing bracket); correct the row"
    ),
    (
      "t.jsonl", Array("{\"texts\": \"x\", \"label\": 1}\n".utf8),
      ", line 1: has no key \"text\" (keys: \"texts\", \"label\"), the nearest is \"texts\"; add it, or name another in"
        + " data.columns.text"
    ),
    (
      "t.jsonl", Array("{\"text\": [\"x\"], \"label\": 1}\n".utf8),
      ", line 1: \"text\" holds a list, not one value; write one value a row, or name another key in data.columns.text"
    ),
    (
      "t.jsonl", Array("{\"text\": \"x\", \"label\": {\"a\": {\"b\": 0}}}\n".utf8),
      ", line 1: \"label\" holds an object, not one value; write one value a row, or name another key in"
        + " data.columns.label"
    ),
    (
      "t.jsonl", Array("{\"text\": \"x\"}\n".utf8),
      ", line 1: has no label in \"label\"; add the label, or remove the row"
    ),
    (
      "t.jsonl", Array("{\"text\": \"x\", \"label\": null}\n".utf8),
      ", line 1: has no label in \"label\"; add the label, or remove the row"
    ),
    (
      "t.jsonl", Array("{\"text\": \"x\", \"label\": \" \"}\n".utf8),
      ", line 1: has no label in \"label\"; add the label, or remove the row"
    ),
  ]

  @Test("A table that cannot be used is refused in one line with its file, its row and what to do", arguments: cases)
  func refused(name: String, content: [UInt8], message: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(content, to: name)
    let error = #expect(throws: TableError.self) { try Table(file: file, columns: ColumnMapping(text: "text")) }
    #expect(error?.description == "\(file)\(message)")
  }

  @Test("Where columns are options of a command, errors speak of options")
  func options() throws {
    let folder = try TemporaryFolder()
    let columns = ColumnMapping(text: "text", id: "n", vocabulary: .options)
    func message(_ content: [UInt8], _ name: String = "t.tsv") throws -> String {
      let file = try folder.write(content, to: name)
      return #expect(throws: TableError.self) { try Table(file: file, columns: columns) }?.description ?? ""
    }
    #expect(try message(Array("a\tlabel\tn\nx\t1\t2\n".utf8)).hasSuffix("; name one of these in --text"))
    #expect(try message(Array("text\tlabel\nx\t1\n".utf8)).hasSuffix("; name one of these in --id"))
    #expect(try message([0xFF, 0x0A]).contains("; set --encoding to what"))
    #expect(try message([0x61, 0x00, 0x0A]).contains("set --encoding utf-16"))
    #expect(try message(Array("{\"text\": [], \"n\": 1}".utf8), "t.json").hasSuffix("name another key in --text"))
    #expect(try !message(Array("a\tb\n1\t2\n".utf8)).contains("data."))
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
