import Data
import Support
import Testing

struct ForeignFormatTests {
  private static let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00]

  /// A file's name and content, and parts of the message.
  static let files: [(String, [UInt8], [String])] = [
    ("t.parquet", Array("PAR1".utf8), ["Parquet files are not read yet", "to_json("]),
    ("t.csv", Array("PAR1\0\0".utf8), ["Parquet files are not read yet", "to_json("]),
    ("t.arrow", [1], ["Arrow files are not read yet", "to_json("]),
    ("t.xlsx", zip, ["workbooks are not read", "save the sheet as CSV"]),
    ("t.XLS", [1], ["workbooks are not read", "save the sheet as CSV"]),
    ("t.csv", zip, ["is a zip archive or an Excel workbook", "save its sheet as CSV"]),
    ("t.csv", [0xD0, 0xCF, 0x11, 0xE0, 0xA1], ["workbooks are not read", "save the sheet as CSV"]),
    ("t.csv.gz", [0x1F, 0x8B], ["damaged gzip data", "write the file again"]),
    ("t.tsv", [0x1F, 0x8B, 0x08, 0x00], ["is gzipped, and its name does not say so", "let its name end in .gz"]),
    ("t.tsv.gz", Array("a\tb\n".utf8), ["its content is not gzip", "leave .gz out of its name"]),
    ("t.gz", [0x1F, 0x8B], ["does not say what kind of table it is", "name it such as train.tsv.gz"]),
    ("t.parquet.gz", [0x1F, 0x8B], ["Parquet files are not read yet"]),
    ("t.zip", zip, ["packed tables are read as .gz alone", "unpack the file"]),
    ("t.tsv.bz2", [0x42, 0x5A], ["packed tables are read as .gz alone", "unpack the file"]),
    ("t.npy", [1], ["npy files are not tables", "write the rows as CSV or JSON lines"]),
    ("t.png", [1], ["is an image, not a table", "IDX pair"]),
    ("t.txt", Array("text\n".utf8), ["does not say how its columns are separated", "name the file .tsv or .csv"]),
    ("t.tvs", [1], ["does not say what kind of table it is"]),
    (
      "t.rows", Array("text\n".utf8),
      ["does not say what kind of table it is", "give a .tsv, .csv, .json, .jsonl or .conll file"]
    ),
  ]

  private func message(_ file: String) -> String? {
    let error = #expect(throws: TableError.self) { try Table(file: file, columns: ColumnMapping(text: "text")) }
    return error?.description
  }

  @Test("A file that is not a table is refused with what to do about it", arguments: files)
  func refused(name: String, content: [UInt8], parts: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(content, to: name)
    let text = try #require(message(file))
    #expect(text.hasPrefix("\(file): "), "\(text)")
    for part in parts { #expect(text.contains(part), "\(text)") }
  }

  @Test("A name of the Hub is refused with what to do about it", arguments: ["glue/sst2", "imdb", "org/name.v2"])
  func hub(name: String) {
    #expect(
      message(name)
        == "\(name): is not a file; names of the Hugging Face Hub are not downloaded; save its rows, such as"
        + " dataset[\"train\"].to_json(\"train.jsonl\"), and give that file")
  }

  @Test(
    "An address is refused before anything is opened", arguments: ["https://example.org/train.csv", "s3://b/t.tsv"])
  func address(name: String) {
    #expect(message(name) == "\(name): is an address; download the file and give its path")
  }

  @Test("A missing file is named, and a folder in its place is refused with what to do")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError(file: "\(folder.path)/no.tsv", reason: "No such file or directory")) {
      try Table(file: "\(folder.path)/no.tsv", columns: ColumnMapping(text: "text"))
    }
    let text = try #require(message(folder.path))
    #expect(text.hasPrefix("\(folder.path): is a folder; give a .tsv, .csv, .json, .jsonl or .conll file"), "\(text)")
    #expect(text.contains("a folder of images is read as an IDX pair"))
  }
}
