import Foundation
import Testing
import Text

/// What the files of a folder say of its tokenizer, file by file and key by key.
struct TokenizerOptionsTests {
  private static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "<s>", "</s>"]

  /// The tokenizer.json that the library writes, with its normalizer's options.
  static func tokenizer(
    _ normalizer: String = #""strip_accents": null, "lowercase": true, "handle_chinese_chars": true"#,
    changing old: String = "", to new: String = ""
  ) -> String {
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let text = """
      {"truncation": null, "padding": null, "added_tokens": [],
      "normalizer": {"type": "BertNormalizer", "clean_text": true, \(normalizer)},
      "pre_tokenizer": {"type": "BertPreTokenizer"},
      "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
      "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 100, "vocab": {\(vocabulary)}}}
      """
    precondition(old.isEmpty || text.contains(old))
    return old.isEmpty ? text : text.replacingOccurrences(of: old, with: new)
  }

  private func files(_ files: [String: String]) throws -> (TokenizerFiles, WordPieceTokenizer) {
    try withTemporaryFolder { folder in
      let all = ["vocab.txt": Self.words.joined(separator: "\n")].merging(files) { $1 }
      for (name, content) in all { try Foundation.Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
      let read = try TokenizerFiles(directory: folder)
      return (read, try WordPieceTokenizer(read))
    }
  }

  private func options(_ files: [String: String]) throws -> TokenizerOptions { try self.files(files).0.options }

  @Test("Without any file the options are the reference's defaults")
  func defaults() throws {
    #expect(try options([:]) == TokenizerOptions(lowercase: true, stripAccents: true, tokenizeChineseCharacters: true))
  }

  @Test("tokenizer_config.json comes before tokenizer.json, and that before config.json, key by key")
  func order() throws {
    var files = ["config.json": #"{"do_lower_case": false}"#]
    #expect(try options(files) == TokenizerOptions(lowercase: false))
    files["tokenizer.json"] = Self.tokenizer(
      #""lowercase": true, "strip_accents": false, "handle_chinese_chars": false"#)
    #expect(
      try options(files) == TokenizerOptions(lowercase: true, stripAccents: false, tokenizeChineseCharacters: false))
    files["tokenizer_config.json"] = #"{"strip_accents": true}"#
    #expect(try options(files) == TokenizerOptions(stripAccents: true, tokenizeChineseCharacters: false))
    files["tokenizer_config.json"] = #"{"do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": true}"#
    #expect(try options(files) == TokenizerOptions(lowercase: false, stripAccents: true))
  }

  @Test("Each option counts where it is the only key")
  func alone() throws {
    #expect(
      try options(["tokenizer_config.json": #"{"strip_accents": false}"#]) == TokenizerOptions(stripAccents: false))
    #expect(
      try options(["tokenizer_config.json": #"{"tokenize_chinese_chars": false}"#])
        == TokenizerOptions(tokenizeChineseCharacters: false))
    #expect(try options(["tokenizer_config.json": #"{"truncation_side": "left"}"#]).truncationSide == .left)
    let direction = Self.tokenizer(
      changing: #""truncation": null"#, to: #""truncation": {"direction": "Left", "max_length": 8}"#)
    #expect(try options(["tokenizer.json": direction]).truncationSide == .left)
    #expect(try !options(["tokenizer_config.json": #"{"model_input_names": ["input_ids"]}"#]).marksPairs)
    #expect(try !options(["tokenizer_config.json": #"{"tokenizer_class": "DistilBertTokenizer"}"#]).marksPairs)
  }

  @Test("strip_accents null follows lower case", arguments: [true, false])
  func nullAccents(lowercase: Bool) throws {
    let options = try options(["tokenizer_config.json": "{\"do_lower_case\": \(lowercase), \"strip_accents\": null}"])
    #expect(options.stripAccents == lowercase)
  }

  @Test(
    "model_max_length is read, and a length beyond every model's is none",
    arguments: [
      ("{\"model_max_length\": 64}", 64), ("{\"max_len\": 32}", 32), ("{\"model_max_length\": null}", nil), ("{}", nil),
      ("{\"model_max_length\": 1000000000000000019884624838656}", nil), ("{\"model_max_length\": 1e30}", nil),
    ])
  func maximumLength(json: String, length: Int?) throws {
    #expect(try files(["tokenizer_config.json": json]).0.maximumLength == length)
  }

  @Test("Special tokens of other names stand around the texts")
  func names() throws {
    let config = #"{"cls_token": "<s>", "sep_token": {"__type": "AddedToken", "content": "</s>", "lstrip": true}}"#
    let tokenizer = try files(["tokenizer_config.json": config]).1
    #expect(tokenizer.encode("a [CLS] </s>", pair: "b", maximumLength: 20).ids == [7, 5, 1, 1, 1, 8, 8, 6, 8])
    let map = try files(["special_tokens_map.json": #"{"cls_token": "<s>", "sep_token": "</s>"}"#]).1
    #expect(map.encode("a", maximumLength: 20).ids == [7, 5, 8])
  }

  static let refusals: [(file: String, content: String, says: String)] = [
    ("tokenizer_config.json", "{", "/tokenizer_config.json: not JSON (byte 2:"),
    ("tokenizer_config.json", "[1]", "/tokenizer_config.json: not a JSON object"),
    ("tokenizer_config.json", #"{"do_lower_case": "yes"}"#, "do_lower_case is yes"),
    ("tokenizer_config.json", #"{"do_lower_case": null}"#, "do_lower_case is null"),
    (
      "tokenizer_config.json", #"{"tokenizer_class": "BertJapaneseTokenizer"}"#, "tokenizer_class BertJapaneseTokenizer"
    ),
    ("tokenizer_config.json", #"{"tokenizer_class": "RobertaTokenizerFast"}"#, "tokenizer_class RobertaTokenizer"),
    (
      "tokenizer_config.json", #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#, "tokenizer_class PreTrainedTokenizer"
    ),
    (
      "config.json", #"{"tokenizer_class": "XLMRobertaTokenizer"}"#, "/config.json: tokenizer_class XLMRobertaTokenizer"
    ),
    ("tokenizer_config.json", #"{"truncation_side": "middle"}"#, "truncation_side is middle"),
    ("tokenizer_config.json", #"{"model_max_length": 0}"#, "model_max_length is 0"),
    ("tokenizer_config.json", #"{"model_max_length": -1}"#, "model_max_length is -1"),
    ("tokenizer_config.json", #"{"model_max_length": "long"}"#, "model_max_length is long"),
    ("tokenizer_config.json", #"{"do_basic_tokenize": false}"#, "do_basic_tokenize is false"),
    ("tokenizer_config.json", #"{"never_split": ["x"]}"#, "never_split is a list"),
    ("tokenizer_config.json", #"{"split_special_tokens": true}"#, "split_special_tokens is true"),
    ("tokenizer_config.json", #"{"wordpieces_prefix": "@@"}"#, "wordpieces_prefix is @@"),
    ("tokenizer_config.json", #"{"auto_map": {"AutoTokenizer": ["x", null]}}"#, "auto_map is an object"),
    ("tokenizer_config.json", #"{"cls_token": "[START]"}"#, "the vocabulary lacks [START]"),
    ("tokenizer_config.json", #"{"cls_token": null}"#, "cls_token is null"),
    ("tokenizer_config.json", #"{"added_tokens_decoder": {"12": {"content": "x"}}}"#, "the added token x the id 12"),
    (
      "tokenizer_config.json", #"{"added_tokens_decoder": {"9": {"content": "X"}, "10": {"content": "x"}}}"#,
      "is the same as"
    ),
    ("added_tokens.json", #"{"x": 3}"#, "/added_tokens.json: gives the added token x the id 3"),
    ("added_tokens.json", #"{"x": "y"}"#, "/added_tokens.json: x is y"),
    ("special_tokens_map.json", #"{"additional_special_tokens": 7}"#, "additional_special_tokens is 7"),
    ("tokenizer.json", tokenizer(changing: "BertNormalizer", to: "Lowercase"), "normalizer is Lowercase"),
    (
      "tokenizer.json", tokenizer(changing: #""clean_text": true"#, to: #""clean_text": false"#),
      "normalizer.clean_text"
    ),
    ("tokenizer.json", tokenizer(changing: "BertPreTokenizer", to: "Whitespace"), "pre_tokenizer is Whitespace"),
    ("tokenizer.json", tokenizer(changing: "BertProcessing", to: "RobertaProcessing"), "post_processor is not BERT's"),
    ("tokenizer.json", tokenizer(changing: "[\"[SEP]\", 3]", to: "[\"b\", 6]"), "post_processor is not BERT's"),
    ("tokenizer.json", tokenizer(changing: "\"WordPiece\"", to: "\"BPE\""), "model.type is BPE"),
    ("tokenizer.json", tokenizer(changing: "\"##\"", to: "\"@@\""), "model.continuing_subword_prefix is @@"),
    ("tokenizer.json", tokenizer(changing: ": 100,", to: ": 50,"), "model.max_input_chars_per_word is 50"),
    ("tokenizer.json", tokenizer(changing: #""unk_token": "[UNK]""#, to: #""unk_token": "a""#), "model.unk_token is a"),
    (
      "tokenizer.json", tokenizer(changing: #"s": []"#, to: #"s": [{"id": 12, "content": "x"}]"#),
      "the added token x the id 12"
    ),
  ]

  @Test("What would change the ids and is not computed is refused by name", arguments: refusals.indices)
  func refused(index: Int) throws {
    let (file, content, says) = Self.refusals[index]
    do {
      _ = try files([file: content])
      Issue.record("\(file): \(content) was accepted")
    } catch {
      #expect("\(error)".contains(says), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }

  @Test(
    "A token of tokenizer.json that tokenizer_config.json leaves out is refused, for transformers would not find it")
  func contradiction() throws {
    let json = Self.tokenizer(
      changing: #"s": []"#, to: #"s": [{"id": 9, "content": "<x>", "special": true, "normalized": false}]"#)
    #expect(try files(["tokenizer.json": json]).1.encode("a<x>", maximumLength: 9).ids == [2, 5, 9, 3])
    #expect(
      performing: { try files(["tokenizer.json": json, "tokenizer_config.json": #"{"added_tokens_decoder": {}}"#]) },
      throws: { "\($0)".contains("the added token <x> is not") })
  }
}
