import Data
import Support
import Testing

@Suite("A gzipped table")
struct GzipTableTests {
  private static let text = "sentence\tlabel\nit 's a film \t1\nbad\t0\n"
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(_ bytes: [UInt8], _ name: String = "t.tsv.gz", limit: Int? = nil) throws -> [Table.Row] {
    try Table(file: folder.write(bytes, to: name), columns: ColumnMapping(text: "sentence"), limit: limit).rows
  }

  @Test("has the rows of its plain form, in the format that its name has before .gz")
  func formats() throws {
    let plain = try Table(file: folder.write(Self.text, to: "t.tsv"), columns: ColumnMapping(text: "sentence")).rows
    #expect(try rows(IDXBytes.gzip(Array(Self.text.utf8))) == plain)
    let csv = Self.text.replacing("\t", with: ",")
    #expect(try rows(IDXBytes.gzip(Array(csv.utf8)), "t.CSV.GZ") == plain)
    let json = "[{\"sentence\": \"it 's a film \", \"label\": 1},\n\n{\"sentence\": \"bad\", \"label\": 0}]"
    #expect(try rows(IDXBytes.gzip(Array(json.utf8)), "t.json.gz").map(\.text) == plain.map(\.text))
  }

  /// `gzip.compress(b"sentence\tlabel\nfine film\t1\n", mtime=0)` of Python 3.
  private static let published: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2B, 0x4E, 0xCD, 0x2B, 0x49, 0xCD, 0x4B, 0x4E, 0xE5,
    0xCC, 0x49, 0x4C, 0x4A, 0xCD, 0xE1, 0x4A, 0xCB, 0xCC, 0x4B, 0x55, 0x48, 0xCB, 0xCC, 0xC9, 0xE5, 0x34, 0xE4, 0x02,
    0x00, 0xC8, 0x77, 0x35, 0xD1, 0x1B, 0x00, 0x00, 0x00,
  ]

  @Test("may be deflated, and may have several members, as files that were joined have")
  func members() throws {
    #expect(try rows(Self.published).map(\.text) == ["fine film"])
    let joined = try rows(Self.published + IDXBytes.gzip(Array("bad film\t0\n".utf8)) + IDXBytes.gzip([]))
    #expect(joined.map(\.text) == ["fine film", "bad film"] && joined.map(\.line) == [2, 3])
  }

  @Test("is refused by name where it is damaged", arguments: 0..<4)
  func damaged(kind: Int) throws {
    let whole = Self.published
    var flipped = whole
    flipped[whole.count - 6] ^= 1
    let contents = [Array(whole.dropLast(9)), flipped, whole + [0], whole + Array(whole.prefix(12))]
    let error = #expect(throws: TableError.self) { try rows(contents[kind]) }
    #expect(error?.problem.hasPrefix("damaged gzip data (") == true)
    #expect(error?.file == "\(folder.path)/t.tsv.gz" && error?.remedy == "download or write the file again")
  }

  @Test("names the line of a bad row as its plain form does")
  func line() throws {
    let error = #expect(throws: TableError.self) { try rows(IDXBytes.gzip(Array((Self.text + "x\t1\t2\n").utf8))) }
    #expect(error?.line == 4)
  }
}

@Suite("A gzip bomb")
struct GzipBombTests {
  @Test("ends at the limit, and not behind it")
  func limit() throws {
    let content = [UInt8](repeating: 0x61, count: 1000)
    let packed = IDXBytes.gzip(content)
    #expect(try GzipContent.unpacked(packed, file: "t.tsv.gz", atMost: 1000) == content)
    let error = #expect(throws: TableError.self) { try GzipContent.unpacked(packed, file: "t.tsv.gz", atMost: 999) }
    #expect(
      error?.description
        == "t.tsv.gz: holds more than 999 bytes, the most that is unpacked in memory here; unpack the file, and give what it"
        + " holds")
  }
}
