import Foundation
import Testing

@Suite("What a run exports reads rows as the run did")
struct ExportedTokenizerTests {
  /// A change to a model's folder that changes which tokens a row has.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Keys of tokenizer_config.json; nil removes the file.
    var configuration: String? = "{}"
    var files: [String: String] = [:]
    var arguments: [String] = []
  }

  private static let rows = """
    sentence\tlabel
    Café NAÏVE film not good at all but long enough to be cut at both ends , a dull and sad thing of no use to any of us\t0
    中文 good 电影 film , the é of it\t1
    [E1] good film [e1] <x> bad <x>plot ÉTÉ\t0
    the cafe naive film , [MASK] [CLS] is it ?\t1

    """

  static let changes: [Change] = [
    Change(testDescription: "do_lower_case", configuration: #"{"do_lower_case": false}"#),
    Change(testDescription: "strip_accents alone", configuration: #"{"strip_accents": false}"#),
    Change(testDescription: "tokenize_chinese_chars alone", configuration: #"{"tokenize_chinese_chars": false}"#),
    Change(testDescription: "truncation_side", configuration: #"{"truncation_side": "left", "model_max_length": 64}"#),
    Change(
      testDescription: "special tokens of other names", configuration: #"{"cls_token": "film", "sep_token": "good"}"#),
    Change(
      testDescription: "added_tokens_decoder",
      configuration: ##"{"added_tokens_decoder": {"30522": {"content": "[E1]", "special": true, "lstrip": true}}}"##),
    Change(testDescription: "added_tokens.json", files: ["added_tokens.json": ##"{"[E1]": 30522, "<x>": 30523}"##]),
    Change(
      testDescription: "additional_special_tokens",
      files: ["special_tokens_map.json": ##"{"additional_special_tokens": ["[E1]", "<x>"], "mask_token": "film"}"##]),
    Change(testDescription: "a shorter maximum length", arguments: ["--set", "data.maximum_length=7"]),
    Change(
      testDescription: "tokenizer.json, with options and added tokens of its own", configuration: nil,
      files: ["tokenizer.json": tokenizerJSON]),
    Change(
      testDescription: "tokenizer.json of no class of its own",
      configuration: #"{"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": true}"#,
      files: ["tokenizer.json": tokenizerJSON]),
  ]

  /// VOCABULARY stands for the vocabulary as a JSON object.
  private static let tokenizerJSON = """
    {"added_tokens": [{"id": 30522, "content": "<x>", "single_word": false, "lstrip": false, "rstrip": true,
    "normalized": false, "special": false}],
    "truncation": {"direction": "Left", "max_length": 9, "strategy": "LongestFirst", "stride": 0},
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "lowercase": true, "strip_accents": false,
    "handle_chinese_chars": false},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100, "vocab": VOCABULARY}}
    """

  /// The loss that a run of no learning measures, and the loss of what it exports.
  private func losses(_ change: Change) throws -> (logged: Double, evaluated: Double) {
    let run = try TinyRun()
    try run.changeRecipe("{hidden_size: 32,", "{vocab_size: 30600, initializer_range: 0.5, hidden_size: 32,")
    let model = try TrainedModel(in: run)
    try run.folder.write(change.configuration ?? "", to: "base/tokenizer_config.json")
    if change.configuration == nil { try run.folder.remove("base/tokenizer_config.json") }
    let tokens = try run.folder.read("vocab.txt").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for (name, text) in change.files {
      let vocabulary = Dictionary(tokens.enumerated().map { (String($1), $0) }) { $1 }
      let json = String(decoding: try JSONSerialization.data(withJSONObject: vocabulary), as: UTF8.self)
      try run.folder.write(text.replacingOccurrences(of: "VOCABULARY", with: json), to: "base/" + name)
    }
    try run.folder.write(model.recipe, to: run.recipe)
    for table in ["train.tsv", "dev.tsv"] { try run.folder.write(Self.rows, to: table) }
    var train = run.train("--set", "steps=1", "--set", "optimizer.learning_rate=1e-30", "--set", "schedule.warmup=0")
    train.arguments += change.arguments
    let outcome = try train.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let logged = try #require(run.evaluations.last?["loss"] as? Double)
    let evaluation = try Command("evaluate", "out/models/last", "dev.tsv", in: run.folder).run()
    try #require(evaluation.status == 0, "\(evaluation.error)")
    return (logged, try #require(object(evaluation.output)["loss"] as? Double))
  }

  @Test("Every option changes the loss, and the exported model has the loss that the run logged", arguments: changes)
  func option(_ change: Change) throws {
    let plain = try losses(Change(testDescription: "plain"))
    let (logged, evaluated) = try losses(change)
    #expect(abs(plain.logged - plain.evaluated) < 1e-6)
    #expect(abs(logged - evaluated) < 1e-6, "\(logged), exported \(evaluated)")
    #expect(abs(logged - plain.logged) > 1e-5, "the option changed nothing: \(logged)")
  }
}
