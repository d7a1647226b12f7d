import Support
import Foundation
import Support
import Testing
import Text

/// What of a tokenizer is not computed is refused by its name, and not left out silently.
struct RefusedTokenizerTests {
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    /// A key of tokenizer.json, its parts one below the other.
    let key: [String]
    let value: String
    /// What the error names.
    let says: String
    var testDescription: String { "\(name): \(key.joined(separator: ".")) is \(value)" }

    init(_ name: String, _ key: String, _ value: String, _ says: String) {
      (self.name, self.value, self.says) = (name, value, says)
      self.key = key.split(separator: ".").map(String.init)
    }
  }

  static let changes = [
    Change("roberta", "model.type", #""Spelling""#, "model.type is Spelling, and only WordPiece, BPE, Unigram"),
    Change("roberta", "model.dropout", "0.1", "model.dropout is 0.1"),
    Change("roberta", "model.continuing_subword_prefix", #""@@""#, "model.continuing_subword_prefix is @@"),
    Change("roberta", "model.end_of_word_suffix", #""</w>""#, "model.end_of_word_suffix is </w>"),
    Change("roberta", "model.byte_fallback", "true", "model.byte_fallback is true"),
    Change("roberta", "model.unk_token", #""<none>""#, "model.unk_token is <none>"),
    Change("roberta", "model.merges", #"["Ġ a b"]"#, "model.merges, place 1"),
    Change("roberta", "model.merges", #"["Ġ ☃"]"#, "merge 1 needs the token ☃"),
    Change("roberta", "model.merges", "null", "no list model.merges"),
    Change("roberta", "normalizer", #"{"type": "Nmt"}"#, "normalizer.type is Nmt"),
    Change("roberta", "normalizer", #"{"type": "ByteLevel"}"#, "normalizer.type is ByteLevel"),
    Change("roberta", "pre_tokenizer", "null", "pre_tokenizer is null"),
    Change("roberta", "pre_tokenizer", #"{"type": "Metaspace"}"#, "pre_tokenizer is Metaspace"),
    Change(
      "roberta", "pre_tokenizer", #"{"type": "Split", "pattern": {"Regex": "a|b"}, "behavior": "Isolated"}"#,
      "pre_tokenizer.type is Split"),
    Change("roberta", "pre_tokenizer.use_regex", "1", "pre_tokenizer.use_regex is 1"),
    Change("roberta", "post_processor", #"{"type": "Magic"}"#, "post_processor.type is Magic"),
    Change("roberta", "post_processor", "null", "no special tokens stand around a text"),
    Change("roberta", "post_processor.sep", #"["</s>", 99999]"#, "post_processor gives the id 99999"),
    Change("roberta", "post_processor.cls", #"["<s>", -1]"#, "post_processor.cls"),
    Change("albert", "model.unk_id", "null", "model.unk_id is null"),
    Change("albert", "model.unk_id", "100000", "model.unk_id is 100000"),
    Change("albert", "model.vocab", #"[["a", "b"]]"#, "model.vocab, place 0"),
    Change("albert", "model.vocab", "[]", "no list model.vocab"),
    Change(
      "albert", "normalizer", #"{"type": "Replace", "pattern": {"Regex": "[a-z]"}, "content": ""}"#,
      "normalizer.pattern is [a-z]"),
    Change(
      "albert", "normalizer", #"{"type": "Precompiled", "precompiled_charsmap": "AAAA"}"#,
      "normalizer.precompiled_charsmap is not a character map"),
    Change(
      "albert", "pre_tokenizer", #"{"type": "Metaspace", "replacement": "__"}"#, "pre_tokenizer.replacement is __"),
    Change(
      "albert", "pre_tokenizer", #"{"type": "Metaspace", "prepend_scheme": "twice"}"#,
      "pre_tokenizer.prepend_scheme is twice"),
    Change("albert", "post_processor.pair", "[]", "post_processor.pair is "),
    Change(
      "albert", "post_processor.single", #"[{"Sequence": {"id": "A", "type_id": 7}}]"#, "post_processor.single is"),
    Change(
      "deberta-v3", "added_tokens", #"[{"id": 5000, "content": "<x>", "special": true}]"#,
      "the added token <x> the id 5000"),
  ]

  private func changed(_ json: JSONValue, _ key: ArraySlice<String>, _ value: JSONValue) -> JSONValue {
    guard let first = key.first else { return value }
    return json.replacing([(first, changed(json[first] ?? .object([]), key.dropFirst(), value))])
  }

  @Test("The file and the key are named", arguments: changes)
  func refused(change: Change) throws {
    let source = Locations.golden("families/tokenizers/\(change.name)/tokenizer.json")
    try withTemporaryFolder { folder in
      let value = try JSONParser.parse(Array(change.value.utf8))
      let json = changed(try JSONParser.parse(FileReader.bytes(of: source)), change.key[...], value)
      try json.text.write(toFile: folder + "/tokenizer.json", atomically: false, encoding: .utf8)
      let error = #expect(throws: VocabularyError.self) { try Tokenizers.read(directory: folder) }
      let text = error?.description ?? ""
      #expect(text.contains(change.says) && text.contains("tokenizer.json: "), "\(text)")
      #expect(!text.contains("\n"))
    }
  }

  @Test("A class that reads a sentencepiece model, or merges, by other rules is refused")
  func classes() throws {
    for (name, file) in [("albert", "T5Tokenizer"), ("roberta", "GPT2Tokenizer")] {
      try withTemporaryFolder { folder in
        let source = Locations.golden("families/tokenizers/\(name)")
        for file in ["spiece.model", "vocab.json", "merges.txt"] where FileReader.exists("\(source)/\(file)") {
          try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: "\(folder)/\(file)")
        }
        try "{\"tokenizer_class\": \"\(file)\"}".write(
          toFile: folder + "/tokenizer_config.json", atomically: false, encoding: .utf8)
        let error = #expect(throws: VocabularyError.self) { try Tokenizers.read(directory: folder) }
        #expect(error?.description.contains("the tokenizer is \(file)") == true, "\(String(describing: error))")
      }
    }
  }

  @Test("A folder without any tokenizer says what it looked for")
  func missing() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: VocabularyError.self) { try Tokenizers.read(directory: folder) }
      let names = ["vocab.txt", "merges.txt", "spm.model", "sentencepiece.bpe.model", "spiece.model"]
      #expect(error == .missing(directory: folder, files: names))
      for name in names + ["tokenizer.json"] {
        #expect(error?.description.contains(name) == true)
      }
    }
  }
}
