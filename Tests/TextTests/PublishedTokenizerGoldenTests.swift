import Support
import Foundation
import Support
import Testing
import Text

/// Tokenizers as they are published, which are too large to be kept with the tests: a folder `data/tokenizers` next to
/// the golden one holds them.
@Suite(.enabled(if: PublishedTokenizers.root != nil, "no folder data/tokenizers next to LOCKSTEP_GOLDEN"))
struct PublishedTokenizerGoldenTests {
  @Test("Published tokenizers give the library's ids in every case", arguments: PublishedTokenizers.all)
  func published(tokenizer: PublishedTokenizers.Case) throws {
    let golden = TokenizerFamilyGoldenTests.root
    try withTemporaryFolder { folder in
      try tokenizer.write(to: folder)
      let read = try Tokenizers.read(directory: folder)
      let texts = try GoldenCase.texts(of: golden)
      let cases = try GoldenCase.cases(of: "\(golden)/published/\(tokenizer.name)/cases.jsonl")
      let wrong = cases.compactMap { $0.difference(read, texts) }
      let isRight = wrong.isEmpty && cases.count > 100
      #expect(isRight, "\(wrong.count) of \(cases.count), such as \(wrong.prefix(6).joined(separator: "\n"))")
    }
  }
}

enum PublishedTokenizers {
  /// Where they are; nil where they are not.
  static let root: String? = {
    guard let golden = ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"] else { return nil }
    let path = URL(filePath: golden).deletingLastPathComponent().appending(path: "data/tokenizers").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let files: [String]
    var config: String?
    var change: (@Sendable (JSONValue) -> JSONValue)?
    var testDescription: String { "\(name), \(files.joined(separator: ", "))" }

    /// Puts a directory together as its publisher has it.
    func write(to folder: String) throws {
      for file in files {
        let source = "\(PublishedTokenizers.root ?? "")/\(name)/\(file)"
        let packed = !FileReader.exists(source)
        let bytes = try packed ? PublishedTokenizers.unpacked(source + ".gz") : FileReader.bytes(of: source)
        let content = try change.map { Array($0(try JSONParser.parse(bytes)).text.utf8) } ?? bytes
        try Data(content).write(to: URL(filePath: "\(folder)/\(file)"))
      }
      if let config { try Data(config.utf8).write(to: URL(filePath: folder + "/tokenizer_config.json")) }
    }
  }

  static let all = [
    Case(name: "roberta-base", files: ["tokenizer.json"]),
    Case(
      name: "roberta-base", files: ["vocab.json", "merges.txt"], config: #"{"tokenizer_class": "RobertaTokenizer"}"#),
    Case(name: "olmo", files: ["tokenizer.json"], change: modernBERT),
    Case(name: "albert-base-v2", files: ["spiece.model"]),
    Case(name: "trocr-small", files: ["sentencepiece.bpe.model"]),
    Case(name: "bert-base-cased", files: ["vocab.txt"], config: #"{"do_lower_case": false}"#),
    Case(name: "bert-base-multilingual-cased", files: ["vocab.txt"], config: #"{"do_lower_case": false}"#),
  ]

  /// OLMo's tokenizer with ModernBERT's special tokens.
  private static func modernBERT(_ json: JSONValue) -> JSONValue {
    func object(_ members: [(String, JSONValue)]) -> JSONValue {
      .object(members.map { JSONValue.Member(key: $0.0, value: $0.1) })
    }
    let names = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    let added = names.enumerated().map { index, name in
      object([
        ("id", .integer(50280 + index)), ("content", .string(name)), ("single_word", .boolean(false)),
        ("lstrip", .boolean(name == "[MASK]")), ("rstrip", .boolean(false)), ("normalized", .boolean(false)),
        ("special", .boolean(true)),
      ])
    }
    func special(_ name: String) -> JSONValue {
      object([("SpecialToken", object([("id", .string(name)), ("type_id", .integer(0))]))])
    }
    func text(_ name: String) -> JSONValue {
      object([("Sequence", object([("id", .string(name)), ("type_id", .integer(0))]))])
    }
    let ids = [("[CLS]", 50281), ("[SEP]", 50282)].map { name, id in
      (name, object([("id", .string(name)), ("ids", .array([.integer(id)])), ("tokens", .array([.string(name)]))]))
    }
    let single = [special("[CLS]"), text("A"), special("[SEP]")]
    let template = object([
      ("type", .string("TemplateProcessing")), ("single", .array(single)),
      ("pair", .array(single + [text("B"), special("[SEP]")])), ("special_tokens", object(ids)),
    ])
    return json.replacing([
      ("added_tokens", .array((json["added_tokens"]?.elements ?? []) + added)), ("post_processor", template),
    ])
  }

  private static func unpacked(_ file: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gunzip", "-c", file]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let content = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return [UInt8](content)
  }
}
