import Foundation
import Support
import Testing
import Text

struct VocabularyTests {
  private static let reserved = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  private func vocabulary(_ content: String, name: String = "vocab.txt") throws -> Vocabulary {
    try vocabulary(bytes: Array(content.utf8), name: name)
  }

  private func vocabulary(bytes: [UInt8], name: String = "vocab.txt") throws -> Vocabulary {
    try withTemporaryFolder { folder in
      try Foundation.Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
      return try Vocabulary(directory: folder)
    }
  }

  /// The one line that an unusable vocabulary is refused with.
  private func refusal(_ content: String, name: String = "vocab.txt") -> String {
    do {
      _ = try WordPieceTokenizer(vocabulary: vocabulary(content, name: name))
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test(
    "Only 0x0A ends a line, and white space at its end is not of the token", arguments: ["\n", "\r\n", " \t\u{3000}\n"])
  func lineEnds(end: String) throws {
    let tokens = Self.reserved + ["a\u{2028}b", "\u{85}", "", "c"]
    let vocabulary = try vocabulary(tokens.joined(separator: end) + end)
    #expect(vocabulary.count == tokens.count)
    #expect(vocabulary.id(of: "a\u{2028}b") == 5)
    #expect(vocabulary.id(of: "c") == 8)
    #expect(vocabulary.token(at: 6) == "")
    #expect(vocabulary.token(at: 9) == nil)
    #expect(vocabulary.token(at: -1) == nil)
  }

  @Test("A byte order mark is not of the first token, and a pointer of Git LFS is not a vocabulary")
  func marks() throws {
    let vocabulary = try vocabulary("\u{FEFF}" + Self.reserved.joined(separator: "\n") + "\na\n")
    #expect(vocabulary.id(of: "[PAD]") == 0 && vocabulary.id(of: "a") == 5)
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
    for name in ["vocab.txt", "tokenizer.json"] {
      #expect(refusal(pointer, name: name).contains("is a Git LFS pointer, not the file itself; run git lfs pull"))
    }
  }

  @Test("The shipped Chinese vocabulary has 21,128 tokens, found by id and by spelling")
  func chinese() throws {
    let vocabulary = try Vocabulary(contentsOfFile: Locations.shipped("vocabulary/bert-base-chinese.txt"))
    #expect(vocabulary.count == 21_128)
    #expect(try WordPieceTokenizer(vocabulary: vocabulary).special.mask == 103)
    for id in 0..<Int32(vocabulary.count) {
      let token = try #require(vocabulary.token(at: id))
      // The line of id 343 is U+2028, which is white space.
      #expect(vocabulary.id(of: token) == (id == 343 ? nil : id), "\(token.debugDescription)")
    }
    #expect(vocabulary.id(of: "\u{10FFFF}") == nil)
  }

  @Test("Canonically equivalent spellings are different tokens")
  func equivalence() throws {
    let vocabulary = try vocabulary((Self.reserved + ["\u{E9}", "e\u{301}"]).joined(separator: "\n"))
    #expect(vocabulary.id(of: "\u{E9}") == 5)
    #expect(vocabulary.id(of: "e\u{301}") == 6)
  }

  @Test("tokenizer.json gives the same vocabulary and hash as vocab.txt; another token gives another hash")
  func tokenizerFile() throws {
    let tokens = Self.reserved + ["\u{E9}", "e\u{301}", "\"\\"]
    let members = tokens.enumerated().reversed().map { index, token in
      let escaped = token.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
      return "\"\(escaped)\": \(index)"
    }
    let json = "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\(members.joined(separator: ", "))}}}"
    let fromJSON = try vocabulary(json, name: "tokenizer.json")
    let fromText = try vocabulary(tokens.joined(separator: "\n"))
    #expect((0..<8).map { fromJSON.token(at: $0) } == tokens)
    #expect(fromJSON.id(of: "e\u{301}") == 6)
    #expect(fromJSON.contentHash == fromText.contentHash)
    #expect(try vocabulary(tokens.dropLast().joined(separator: "\n") + "\nx").contentHash != fromText.contentHash)
  }

  @Test("Of two equal tokens the later one has the spelling, as in the reference")
  func duplicates() throws {
    #expect(try vocabulary((Self.reserved + ["a", "b", "a"]).joined(separator: "\n")).id(of: "a") == 7)
  }

  @Test("Missing special tokens are named")
  func missingSpecialTokens() {
    let message = refusal("[UNK]\n[CLS]\n[SEP]\na\n")
    #expect(message.hasSuffix("the vocabulary lacks [PAD], [MASK]: give the vocabulary of a BERT model"))
  }

  @Test(
    "An unusable vocabulary is refused in one line",
    arguments: [
      ("", "vocab.txt", "no token in the file"),
      ("a", "other.txt", "neither tokenizer.json nor vocab.txt is there"),
      ("{", "tokenizer.json", "not JSON (byte 2:"),
      ("{\"model\": {}}", "tokenizer.json", "no object model.vocab"),
      ("{\"model\": {\"vocab\": {\"a\": -1}}}", "tokenizer.json", "gives the token \"a\" no id"),
      ("{\"model\": {\"vocab\": {\"a\": 99999999999}}}", "tokenizer.json", "gives the token \"a\" no id"),
      ("{\"model\": {\"vocab\": {\"a\": 1, \"b\": 1}}}", "tokenizer.json", "the same id 1"),
      ("{\"model\": {\"vocab\": {\"a\": \"0\"}}}", "tokenizer.json", "gives the token \"a\" no id"),
    ])
  func unusable(content: String, name: String, reason: String) {
    let message = refusal(content, name: name)
    #expect(message.contains(reason), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test("A line that is not UTF-8 is named")
  func invalidUTF8() {
    #expect(
      performing: {
        try vocabulary(bytes: Array("[PAD]\n".utf8) + [0xC3, 0x28, 0x0A])
      }, throws: { error in "\(error)".contains("line 2 is not UTF-8") })
  }

  @Test("A missing file is an error that names it")
  func missingFile() {
    #expect(throws: FileError(file: "/nowhere/vocab.txt", reason: "No such file or directory")) {
      try Vocabulary(contentsOfFile: "/nowhere/vocab.txt")
    }
  }
}
