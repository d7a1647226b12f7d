import Data
import Testing

struct TextEncodingTests {
  private func read(_ content: [UInt8], _ encoding: TextEncoding, name: String = "t.tsv") throws -> [String] {
    let folder = try TemporaryFolder()
    return try Table(
      file: folder.write(content, to: name), columns: ColumnMapping(text: "text"),
      options: TableOptions(encoding: encoding)
    ).rows.map(\.text)
  }

  private static func table(_ text: [UInt8]) -> [UInt8] {
    Array("text\tlabel\n".utf8) + text + Array("\t1\nx\t0\n".utf8)
  }

  /// Bytes and the text that Python's codecs of these names read from them.
  static let texts: [(TextEncoding, [UInt8], String)] = [
    (.latin1, [0xA3, 0x31, 0x20, 0xE9], "£1 é"),
    (.iso8859, [0xFC, 0xDF], "üß"),
    (.windows1252, [0x80, 0x93, 0x61, 0x94, 0xE9], "€“a”é"),
    (.gbk, [0xBB, 0xA8, 0xDF, 0xC2, 0x61], "花呗a"),
    (.gb18030, [0xBB, 0xA8, 0x94, 0x39, 0xDA, 0x33], "花💩"),
    (.big5, [0xA4, 0xA4, 0xA4, 0xE5], "中文"),
    (.shiftJIS, [0x93, 0xFA, 0x96, 0x7B], "日本"),
    (.utf8, [0xE8, 0x8A, 0xB1], "花"),
  ]

  @Test("A table is read in the encoding that is named", arguments: texts)
  func reads(encoding: TextEncoding, bytes: [UInt8], text: String) throws {
    #expect(try read(Self.table(bytes), encoding) == [text, "x"])
  }

  @Test("Usual names of an encoding are understood, in capitals or not")
  func names() {
    let names: [(String, TextEncoding?)] = [
      ("UTF-8", .utf8), ("utf8", .utf8), ("Latin1", .latin1), ("ISO-8859-1", .iso8859), ("cp1252", .windows1252),
      ("GB2312", .gbk), ("Shift-JIS", .shiftJIS), ("UTF16", .utf16), ("utf-7", nil), ("", nil),
    ]
    for (name, encoding) in names { #expect(TextEncoding(rawValue: name) == encoding, "\(name)") }
    for encoding in TextEncoding.allCases { #expect(TextEncoding(rawValue: encoding.rawValue) == encoding) }
  }

  @Test("UTF-16 is known by its byte order mark, and without one by its name")
  func wide() throws {
    let text = "text,label\r\n\"花 \u{1F600}\",1\r\nx,0\r\n"
    let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let expected = ["花 \u{1F600}", "x"]
    #expect(try read([0xFF, 0xFE] + little, .utf8, name: "t.csv") == expected)
    #expect(try read([0xFE, 0xFF] + big, .utf8, name: "t.csv") == expected)
    #expect(try read(little, .utf16, name: "t.csv") == expected)
    let error = #expect(throws: TableError.self) { try read(little, .utf8, name: "t.csv") }
    #expect(error?.remedy.contains("data.encoding: utf-16") == true)
    #expect(throws: TableError.self) { try read([0xFF, 0xFE] + little.dropLast(), .utf8, name: "t.csv") }
  }

  @Test(
    "Bytes that an encoding does not have are refused with their line",
    arguments: [TextEncoding.windows1252, .gbk, .gb18030, .big5, .shiftJIS])
  func invalid(encoding: TextEncoding) throws {
    let bytes = Array("text\tlabel\nx\t1\n".utf8) + (encoding == .windows1252 ? [0x81, 0x09] : [0xFF, 0xFF, 0x09])
    let error = #expect(throws: TableError.self) { try read(bytes + [0x30, 0x0A], encoding) }
    #expect(error?.line == 3)
    #expect(error?.problem == "holds bytes that are not \(encoding.rawValue.uppercased())")
  }

  @Test("Line ends of old spreadsheets, and those of Windows")
  func lineEnds() throws {
    #expect(try read(Array("text\tlabel\rone\t1\rtwo\t0\r".utf8), .utf8) == ["one", "two"])
    #expect(try read(Array("text,label\r\none,1\r\ntwo,0".utf8), .utf8, name: "t.csv") == ["one", "two"])
    // A lone return in a file with line feeds is part of its field.
    #expect(try read(Array("text\tlabel\na\rb\t1\nx\t0\n".utf8), .utf8) == ["a\rb", "x"])
  }
}
