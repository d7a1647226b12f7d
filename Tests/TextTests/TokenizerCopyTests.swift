import Support
import Foundation
import Support
import Testing
import Text

/// What an export writes of a tokenizer.
struct TokenizerCopyTests {
  private static let root = Locations.golden("families/tokenizers")
  private static let names = ["roberta", "roberta-prefix-space", "albert", "deberta-v3", "xlm-roberta"]

  private func write(_ files: [TokenizerFile], to folder: String) throws {
    for file in files { try Foundation.Data(file.content).write(to: URL(filePath: "\(folder)/\(file.name)")) }
  }

  @Test("The files are copied byte for byte, but for the maximum length and the side that is cut", arguments: names)
  func copied(name: String) throws {
    let source = "\(Self.root)/\(name)"
    var tokenizer = try Tokenizers.read(directory: source)
    tokenizer.truncation = Truncation(.onlySecond, side: .left)
    try withTemporaryFolder { folder in
      try write(tokenizer.exported(maximumLength: 77, readsTypes: true), to: folder)
      for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file != "tokenizer_config.json" {
        #expect(try FileReader.bytes(of: "\(folder)/\(file)") == FileReader.bytes(of: "\(source)/\(file)"))
      }
      let again = try Tokenizers.read(directory: folder)
      #expect(again.maximumLength == 77)
      #expect(again.truncation == Truncation(.onlySecond, side: .left))
      #expect(again.special == tokenizer.special)
      let text = "Copies  of <mask> naïve ［MASK］ tokens, 中文 ﬁ!"
      #expect(again.tokens(of: text, withOffsets: true) == tokenizer.tokens(of: text, withOffsets: true))
      let config = try JSONParser.parse(FileReader.bytes(of: folder + "/tokenizer_config.json"))
      let before = try JSONParser.parse(FileReader.bytes(of: source + "/tokenizer_config.json"))
      #expect(config["model_max_length"]?.integer == 77)
      for member in before.members ?? [] where member.key != "model_max_length" {
        #expect(config[member.key]?.text == member.value.text, "\(member.key)")
      }
    }
  }

  @Test("Types of tokens are stated where the classes of transformers leave them out, and where the model takes none")
  func types() throws {
    func inputs(_ name: String, readsTypes: Bool) throws -> [String]? {
      let tokenizer = try Tokenizers.read(directory: "\(Self.root)/\(name)")
      let files = try tokenizer.exported(maximumLength: 9, readsTypes: readsTypes)
      let config = try #require(files.first { $0.name == "tokenizer_config.json" })
      return try JSONParser.parse(config.content)["model_input_names"]?.elements?.compactMap(\.string)
    }
    let (all, plain) = (["input_ids", "token_type_ids", "attention_mask"], ["input_ids", "attention_mask"])
    for name in ["albert", "deberta-v3", "wordpiece-cased"] {
      #expect(try inputs(name, readsTypes: true) == all, "\(name)")
    }
    #expect(try inputs("roberta", readsTypes: true) == nil)
    for name in ["albert", "roberta", "wordpiece-cased"] {
      #expect(try inputs(name, readsTypes: false) == plain, "\(name)")
    }
  }

  @Test("A tokenizer.json that cuts texts itself is given the new length, and stays as it is otherwise")
  func truncation() throws {
    try withTemporaryFolder { folder in
      let json = try JSONParser.parse(FileReader.bytes(of: "\(Self.root)/albert/tokenizer.json"))
      let cut = try JSONParser.parse(
        Array(#"{"max_length": 12, "strategy": "LongestFirst", "direction": "Right", "stride": 0}"#.utf8))
      let changed = json.replacing([("truncation", cut)]).text
      try changed.write(toFile: folder + "/tokenizer.json", atomically: false, encoding: .utf8)
      var tokenizer = try Tokenizers.read(directory: folder)
      tokenizer.truncation = Truncation(.onlyFirst, side: .left)
      let files = try tokenizer.exported(maximumLength: 33, readsTypes: true)
      let exported = try JSONParser.parse(#require(files.first { $0.name == "tokenizer.json" }).content)
      #expect(exported["truncation"]?["max_length"]?.integer == 33)
      #expect(exported["truncation"]?["direction"]?.string == "Left")
      #expect(exported["truncation"]?["strategy"]?.string == "OnlyFirst")
      #expect(exported["model"]?.text == json["model"]?.text)
      #expect(files.contains { $0.name == "tokenizer_config.json" })
    }
  }

  @Test("A file that stands alone is exported under the name that it has in a model's directory")
  func fileNames() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/pieces.model"
      try FileManager.default.copyItem(atPath: "\(Self.root)/albert/spiece.model", toPath: file)
      let tokenizer = try Tokenizers.read(directory: "\(Self.root)/albert", vocabulary: file)
      let names = try tokenizer.exported(maximumLength: 9, readsTypes: true).map(\.name).sorted()
      #expect(names == ["special_tokens_map.json", "spiece.model", "tokenizer_config.json"])
    }
  }
}
