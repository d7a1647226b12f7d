import Foundation
import Support
import Testing
import Text

/// A vocabulary that is given next to a model's directory, or alone.
struct GivenVocabularyTests {
  private static func golden(_ path: String) -> String { Locations.golden("families/tokenizers/\(path)") }

  static let sameTokens = [
    ("wordpiece-cased", "wordpiece-cased/vocab.txt"), ("wordpiece-cased", "wordpiece-cased/tokenizer.json"),
    ("roberta", "roberta/vocab.json"), ("roberta", "roberta/merges.txt"), ("roberta", "roberta/tokenizer.json"),
    ("albert", "albert/spiece.model"), ("albert", "albert/tokenizer.json"), ("deberta-v3", "deberta-v3/spm.model"),
    ("xlm-roberta", "xlm-roberta/sentencepiece.bpe.model"),
  ]

  @Test("One with the directory's own tokens is read, in any of its forms", arguments: sameTokens)
  func same(directory: String, file: String) throws {
    let own = try Tokenizers.read(directory: Self.golden(directory))
    let given = try Tokenizers.read(directory: Self.golden(directory), vocabulary: Self.golden(file))
    let text = "A good film, naïve 中文 [MASK] <mask>!"
    #expect(given.encode(text, maximumLength: 100).ids == own.encode(text, maximumLength: 100).ids)
  }

  static let refused = [
    ("wordpiece-cased", "wordpiece-multilingual/vocab.txt", "has other tokens than", "in place of the other"),
    ("wordpiece-cased", "wordpiece-multilingual/tokenizer.json", "has other tokens than", "leave model.vocabulary out"),
    ("albert", "xlm-roberta/sentencepiece.bpe.model", "has other tokens than", "leave model.vocabulary out"),
    ("roberta", "wordpiece-cased/vocab.txt", "is of a WordPiece tokenizer", "is BPE; leave model.vocabulary out"),
    ("albert", "wordpiece-cased/vocab.txt", "is of a WordPiece tokenizer", "is Unigram; leave model.vocabulary out"),
    ("wordpiece-cased", "roberta/vocab.json", "is of a BPE tokenizer", "is WordPiece; leave model.vocabulary out"),
  ]

  @Test("One with other tokens, or of another kind, is refused: its ids would mean other words", arguments: refused)
  func other(directory: String, file: String, problem: String, remedy: String) throws {
    let error = #expect(throws: VocabularyError.self) {
      try Tokenizers.read(directory: Self.golden(directory), vocabulary: Self.golden(file))
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("\(Self.golden(file)): \(problem)") && text.contains(remedy), "\(text)")
  }

  @Test("Half of a byte-level BPE is refused by the name of the other half", arguments: [true, false])
  func half(isAlone: Bool) throws {
    for (there, missing) in [("vocab.json", "merges.txt"), ("merges.txt", "vocab.json")] {
      try withTemporaryFolder { folder in
        let file = "\(folder)/\(there)"
        try FileManager.default.copyItem(atPath: Self.golden("roberta/\(there)"), toPath: file)
        let error = #expect(throws: VocabularyError.self) {
          isAlone ? try Tokenizers.read(file: file) : try Tokenizers.read(directory: folder)
        }
        #expect(error?.description.hasPrefix("\(file): ") == true && error?.description.contains(missing) == true)
      }
    }
  }

  @Test("Tokens of a vocab.json may be called as the keys of a tokenizer.json, as RoBERTa's are")
  func tokensLikeKeys() throws {
    try withTemporaryFolder { folder in
      let json = try JSONParser.parse(FileReader.bytes(of: Self.golden("roberta/vocab.json")))
      let count = json.members?.count ?? 0
      let names = ["model", "truncation", "normalizer", "added_tokens"]
      let more = json.replacing(names.enumerated().map { ($1, .integer(count + $0)) })
      try more.text.write(toFile: folder + "/vocab.json", atomically: false, encoding: .utf8)
      try FileManager.default.copyItem(atPath: Self.golden("roberta/merges.txt"), toPath: folder + "/merges.txt")
      let tokenizer = try Tokenizers.read(file: folder + "/vocab.json")
      let plain = try Tokenizers.read(file: Self.golden("roberta/vocab.json"))
      #expect(tokenizer.tokenCount == count + names.count)
      let text = "the film is good"
      #expect(tokenizer.encode(text, maximumLength: 50).ids == plain.encode(text, maximumLength: 50).ids)
    }
  }
}
