import Support
import Foundation
import Support
import Testing
import Text

/// Damaged files of tokenizers give an error that says so, or a tokenizer whose ids exist; they never end the process.
struct HostileTokenizerTests {
  private static let root = Locations.golden("families/tokenizers")
  static let files = [
    ["roberta", "tokenizer.json"], ["roberta", "merges.txt"], ["roberta", "vocab.json"],
    ["deberta-v3", "tokenizer.json"], ["deberta-v3", "spm.model"], ["albert", "tokenizer.json"],
    ["albert", "spiece.model"],
  ]

  private func check(_ bytes: [UInt8], as file: [String], in folder: String) throws {
    try Foundation.Data(bytes).write(to: URL(filePath: "\(folder)/\(file[1])"))
    do {
      let tokenizer = try Tokenizers.read(directory: folder)
      let text = "The  naïve <mask> [UNK] ﬁ １２ 中文，it's\r\n\u{301} a\u{0}b \u{1F44D}\u{1F3FD}"
      let tokens = tokenizer.tokens(of: text, withOffsets: true)
      #expect(tokens.ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.tokenCount })
      #expect(tokens.ids.count == tokens.words.count && tokens.ids.count == tokens.offsets.count)
      let count = Int32(text.unicodeScalars.count)
      #expect(tokens.offsets.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= count })
    } catch is VocabularyError {
    } catch is FileError {
    } catch {
      Issue.record("\(error) is not an error of a file")
    }
  }

  private func withCopy(of file: [String], _ body: (String, [UInt8]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let source = "\(Self.root)/\(file[0])"
      for name in try FileManager.default.contentsOfDirectory(atPath: source)
      where name != "cases.jsonl" && (name != "tokenizer.json" || file[1] == name) {
        try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(folder)/\(name)")
      }
      let bytes = try FileReader.bytes(of: "\(folder)/\(file[1])")
      try FileManager.default.removeItem(atPath: "\(folder)/\(file[1])")
      try body(folder, bytes)
    }
  }

  @Test("A file that is cut anywhere", arguments: files)
  func cut(file: [String]) throws {
    try withCopy(of: file) { folder, bytes in
      for step in 0..<40 {
        try check(Array(bytes.prefix(bytes.count * step / 40 + step % 3)), as: file, in: folder)
      }
    }
  }

  @Test("A file with bits that are flipped", arguments: files)
  func flipped(file: [String]) throws {
    try withCopy(of: file) { folder, bytes in
      var state: UInt64 = 12345
      func draw(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
      }
      for _ in 0..<60 {
        var damaged = bytes
        for _ in 0...draw(6) { damaged[draw(damaged.count)] ^= 1 << UInt8(draw(8)) }
        try check(damaged, as: file, in: folder)
      }
    }
  }

  @Test("Sizes and numbers beyond all measure in a sentencepiece model")
  func sizes() throws {
    try withCopy(of: ["deberta-v3", "spm.model"]) { folder, bytes in
      let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
      for head in [[0x0A] + huge, [0x12] + huge, [0x08] + huge, [0x0B], [0x0A, 0x7F], huge, huge + huge] {
        try check(head + bytes, as: ["deberta-v3", "spm.model"], in: folder)
        try check(bytes + head, as: ["deberta-v3", "spm.model"], in: folder)
      }
      // A piece of an unknown type, of a score that is not a number, and an unk_id beyond the pieces.
      for piece: [UInt8] in [[0x0A, 2, 0x18, 9], [0x0A, 5, 0x15, 0, 0, 0xC0, 0x7F], [0x12, 4, 0xC0, 2, 0xFF, 0x7F]] {
        try Foundation.Data(bytes + piece).write(to: URL(filePath: "\(folder)/spm.model"))
        #expect(throws: VocabularyError.self) { try Tokenizers.read(directory: folder) }
      }
    }
  }

  @Test("Texts without end: one word of 200,000 letters, marks and unknown characters, in time that grows with them")
  func long() throws {
    for name in ["roberta", "albert", "deberta-v3", "xlm-roberta"] {
      let tokenizer = try Tokenizers.read(directory: "\(Self.root)/\(name)")
      for unit in ["a", "the", "e\u{301}", "\u{0E01}", "\u{1F468}\u{200D}", " ", "''"] {
        let text = String(repeating: unit, count: 20_000)
        let encoding = tokenizer.encode(text, maximumLength: 16)
        #expect(encoding.ids.count <= 16)
      }
    }
  }
}
