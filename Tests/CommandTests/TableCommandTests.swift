import Foundation
import Testing

@Suite("Tables as they are")
struct TableCommandTests {
  /// What `recipe check --json` says of a table in place of the training rows.
  private func check(_ bytes: [UInt8], as name: String, _ settings: String...) throws -> [String: Any] {
    let run = try TinyRun()
    try run.folder.write(bytes, to: name)
    let sets = (["data.train=\(name)", "data.validation=null"] + settings).flatMap { ["--set", $0] }
    var command = Command("recipe", "check", run.recipe, "--json", in: run.folder)
    command.arguments += sets
    let outcome = try command.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return try object(outcome.output)
  }

  private func classes(_ summary: [String: Any]) -> [String: Int] {
    let classes = (summary["classes"] as? [[String: Any]]) ?? []
    return Dictionary(uniqueKeysWithValues: classes.map { ($0["name"] as? String ?? "", $0["rows"] as? Int ?? -1) })
  }

  @Test("Stars from 1 to 5 are five classes; a check of their number is not needed")
  func stars() throws {
    let rows = (0..<20).map { "film \($0)\t\(1 + $0 % 5)\n" }.joined()
    let summary = try check(Array("sentence\tlabel\n\(rows)".utf8), as: "stars.tsv", "model.labels=null")
    #expect(summary["labels"] as? Int == 5)
    #expect(classes(summary) == ["1": 4, "2": 4, "3": 4, "4": 4, "5": 4])
  }

  @Test("A JSON array is read, with numbers and truth values as labels")
  func array() throws {
    let rows = (0..<20).map { "{\"sentence\": \"film \($0)\", \"label\": \($0 % 2 == 0)}" }.joined(separator: ",\n ")
    let summary = try check(Array("[\(rows)]\n".utf8), as: "rows.json")
    #expect(classes(summary) == ["false": 10, "true": 10])
  }

  @Test("Which reading of quotes was assumed is said, and how to decide it")
  func quotes() throws {
    let rows = (0..<20).map { "\"film, \($0)\"\t\($0 % 2)\n" }.joined()
    let quoted = try check(Array("sentence\tlabel\n\(rows)".utf8), as: "quoted.tsv")
    let note = "quoted.tsv: quotes around fields were taken off (RFC 4180); data.quotes: none keeps them as letters"
    #expect((quoted["warnings"] as? [String])?.contains(note) == true, "\(quoted)")
    let literal = try check(Array("sentence\tlabel\n\(rows)\"open\t1\n".utf8), as: "open.tsv")
    #expect((literal["warnings"] as? [String])?.contains { $0.contains("open.tsv: quotes at the beginning") } == true)
    #expect(literal["rows"] as? Int == 21)
    let silent = try check(
      Array("sentence\tlabel\n\(rows)\"open\t1\n".utf8), as: "open.tsv", "data.quotes=none")
    #expect((silent["warnings"] as? [String])?.contains { $0.contains("quotes") } == false)
  }

  @Test("Cut, empty and shared rows are counted, and said in one line each")
  func counts() throws {
    let run = try TinyRun()
    let long = Array(repeating: "film", count: 30).joined(separator: " ")
    let lines = try run.folder.read("train.tsv").split(separator: "\n")
    let train = lines.prefix(21).map(String.init) + ["\(long)\t1", " \t0", "\t1"]
    try run.folder.write(train.joined(separator: "\n") + "\n", to: "train.tsv")
    try run.folder.write([train[0], train[1], "\(long)\t0", "other\t1"].joined(separator: "\n") + "\n", to: "dev.tsv")
    let arguments = ["recipe", "check", run.recipe, "--set", "data.maximum_length=64"]
    var command = Command("recipe", "check", run.recipe, "--set", "data.maximum_length=24", "--json", in: run.folder)
    let summary = try object(command.run().output)
    let cut = try #require((summary["train"] as? [String: Any])?["cut"] as? Int)
    #expect(cut >= 1)
    #expect((summary["train"] as? [String: Any])?["empty"] as? Int == 2)
    #expect((summary["validation"] as? [String: Any])?["cut"] as? Int == 1)
    #expect((summary["validation"] as? [String: Any])?["empty"] as? Int == 0)
    #expect(summary["shared_rows"] as? Int == 2)

    command.arguments = Array(arguments)
    let text = try command.run().output
    #expect(!text.contains("are cut"), "\(text)")
    #expect(text.contains("warning: 2 of 23 training rows (8.7 %) have an empty text"), "\(text)")
    #expect(text.contains("warning: 2 of 3 validation rows (66.7 %) are training rows, too"), "\(text)")

    let trained = try run.train("--set", "steps=1", "--set", "schedule.warmup=0").run()
    #expect(trained.status == 0, "\(trained.error)")
    #expect(trained.error.contains("and 1 of 3 validation rows (33.3 %) are longer than 24 tokens and are cut"))
    #expect(trained.error.contains("2 of 23 training rows (8.7 %) have an empty text"))
  }

  @Test("A table in another encoding is trained on and evaluated, and refused without its name in the command's words")
  func encoding() throws {
    let run = try TinyRun()
    let rows: [UInt8] = (0..<8).flatMap { row -> [UInt8] in
      Array("caf".utf8) + [0xE9] + Array(" \(row)\t\(row % 2)\n".utf8)
    }
    for file in ["train.tsv", "dev.tsv"] { try run.folder.write(Array("sentence\tlabel\n".utf8) + rows, to: file) }
    let refused = try run.train().run()
    #expect(refused.status == 2)
    #expect(refused.error.contains("train.tsv, line 2: holds bytes that are not UTF-8; set data.encoding to"))
    let trained = try run.train("--set", "data.encoding=latin-1", "--set", "steps=1", "--set", "schedule.warmup=0")
      .run()
    try #require(trained.status == 0, "\(trained.error)")

    let without = try Command("evaluate", "out/models/last", "dev.tsv", in: run.folder).run()
    #expect(without.status == 2 && without.error.contains("; set --encoding to"), "\(without.error)")
    let evaluated = try Command(
      "evaluate", "out/models/last", "dev.tsv", "--encoding", "latin-1", in: run.folder
    ).run()
    #expect(try object(evaluated.output)["rows"] as? Int == 8, "\(evaluated.error)")
    let predicted = try Command(
      "predict", "out/models/last", "--input", "dev.tsv", "--encoding", "latin-1", in: run.folder
    ).run()
    #expect(predicted.output.split(separator: "\n").count == 8, "\(predicted.error)")
  }

  @Test("evaluate and predict speak of their own options")
  func words() throws {
    let run = try TinyRun()
    _ = try TrainedModel(in: run)
    let text = try Command("evaluate", "base", "dev.tsv", "--text", "sentance", in: run.folder).run()
    #expect(
      text.error == "lockstep: dev.tsv: has no column \"sentance\" (columns: \"sentence\", \"label\"), the nearest is"
        + " \"sentence\"; name one of these in --text\n")
    let label = try Command("evaluate", "base", "dev.tsv", "--label", "class", in: run.folder).run()
    #expect(label.error.hasSuffix("name one of these in --label\n"), "\(label.error)")
    let pair = try Command("predict", "base", "--input", "dev.tsv", "--pair", "two", in: run.folder).run()
    #expect(pair.error.hasSuffix("name one of these in --pair\n"), "\(pair.error)")
    for outcome in [text, label, pair] { #expect(outcome.status == 2) }
  }

  @Test("maximum_length above what the model reads is refused, and the default follows the model")
  func maximumLength() throws {
    let run = try TinyRun()
    let model = try TrainedModel(in: run)
    try run.folder.write(model.recipe, to: run.recipe)
    let refused = try run.train("--set", "data.maximum_length=513").run()
    #expect(refused.status == 2)
    #expect(
      refused.error.contains("data.maximum_length is 513, and the model reads rows of 512 tokens"), "\(refused.error)")
  }

  @Test("One class, scores and a mistyped label are refused by train")
  func labels() throws {
    let run = try TinyRun()
    func error(_ rows: String, _ more: String...) throws -> String {
      try run.folder.write("sentence\tlabel\n\(rows)", to: "train.tsv")
      var command = run.train()
      command.arguments += more
      let outcome = try command.run()
      #expect(outcome.status == 2)
      return outcome.error
    }
    #expect(try error("a\t1\nb\t1\n").contains("every row has the label \"1\", and training needs two classes"))
    #expect(try error("a\t4.59\nb\t1\n").contains("model.labels is 2, and the labels are one decimal number a row"))
    let scores = "label \"4.59\" is not a whole number"
    #expect(try error("a\t4.59\nb\t1\n", "--set", "task.kind=single-label").contains(scores))
    #expect(
      try error("a\t1\nb\t0\nc\t1\nd\tO\ne\t0\n").contains("train.tsv, line 5: label \"O\" (1 row) is one of 3 classes")
    )
    #expect(try error("a\t1\nb\t0\n", "--set", "model.labels=null", "--set", "data.validation=v.tsv").contains("v.tsv"))
    try run.folder.write("sentence\tlabel\na\tgood\n", to: "v.tsv")
    #expect(
      try error("a\tgut\nb\tbad\n", "--set", "data.validation=v.tsv").contains(
        "v.tsv, line 2: label \"good\" is not one of the classes \"bad\", \"gut\""))
  }
}
