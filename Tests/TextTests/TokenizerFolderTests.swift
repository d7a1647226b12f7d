import Foundation
import Support
import Testing
import Text

/// Model folders that are read as the Rust library reads them.
struct TokenizerFolderTests {
  private static func folders() throws -> [JSONValue] {
    try FileReader.bytes(of: Locations.vectors("tokenizer-folders.jsonl")).split(separator: 0x0A).map {
      try JSONParser.parse(Array($0))
    }
  }

  @Test("Folders with added tokens, special tokens and options of every kind give the library's ids", arguments: 0..<48)
  func folder(index: Int) throws {
    let folders = try Self.folders()
    #expect(folders.count == 48)
    try withTemporaryFolder { path in
      for file in folders[index]["files"]?.members ?? [] {
        try Foundation.Data((file.value.string ?? "").utf8).write(to: URL(filePath: "\(path)/\(file.key)"))
      }
      let tokenizer = try WordPieceTokenizer(directory: path)
      let rows = try #require(folders[index]["rows"]?.elements)
      #expect(rows.count == 24)
      for row in rows {
        let text = try #require(row["text"]?.string)
        let encoding = tokenizer.encode(text, pair: row["pair"]?.string, maximumLength: row["max"]?.integer ?? 1000)
        let ids = row["ids"]?.elements?.compactMap(\.integer) ?? []
        let types = row["types"]?.string ?? String(repeating: "0", count: ids.count)
        #expect(encoding.ids.map(Int.init) == ids, "\(text.debugDescription)")
        #expect(encoding.typeIDs.map(String.init).joined() == types, "\(text.debugDescription)")
      }
    }
  }

  @Test(
    "Golden WordPiece folders give the library's ids, with and without tokenizer.json",
    arguments: ["wordpiece-cased", "wordpiece-multilingual", "wordpiece-no-hanzi"], [true, false])
  func golden(name: String, hasJSON: Bool) throws {
    let folder = Locations.golden("families/tokenizers/\(name)")
    let texts = try #require(
      JSONParser.parse(FileReader.bytes(of: Locations.golden("families/tokenizers/strings.json"))).elements
    ).map { $0.string ?? "" }
    let tokenizer = try WordPieceTokenizer(
      TokenizerFiles(directory: folder, vocabulary: hasJSON ? nil : folder + "/vocab.txt"))
    var count = 0
    for line in try FileReader.bytes(of: folder + "/cases.jsonl").split(separator: 0x0A) {
      let row = try JSONParser.parse(Array(line))
      let how = row["how"]?.string ?? "longest_first"
      guard let first = row["a"]?.integer, row["context"] == nil, row["stride"] == nil, how == "longest_first",
        let ids = row["ids"]?.elements
      else { continue }
      count += 1
      let encoding = tokenizer.encode(
        texts[first], pair: row["b"]?.integer.map { texts[$0] }, maximumLength: row["max"]?.integer ?? 100_000)
      #expect(encoding.ids.map(Int.init) == ids.compactMap(\.integer), "\(texts[first].debugDescription)")
      let types = row["types"]?.string ?? String(repeating: "0", count: ids.count)
      #expect(encoding.typeIDs.map(String.init).joined() == types)
    }
    #expect(count > 300)
  }
}
