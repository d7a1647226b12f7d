import Foundation
import Testing

/// Mistakes that would change a result without a word.
@Suite("What a user may have meant otherwise")
struct SecondLookTests {
  @Test("Another metric in a run that is continued begins its best model anew")
  func metric() throws {
    let run = try TinyRun()
    try #require(try run.train("--set", "evaluate.best=loss").run().status == 0)
    let outcome = try run.train("--resume", "auto", "--set", "steps=40").run()
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("evaluate.best was loss and is now accuracy"), "\(outcome.error)")
    let best = try #require(try run.folder.json("out/summary.json")["best"] as? [String: Any])
    let accuracies = run.metrics.filter { ($0["step"] as? Int ?? 0) > 30 }
      .compactMap { ($0["evaluation"] as? [String: Any])?["accuracy"] as? Double }
    #expect(best["value"] as? Double == accuracies.max() && best["step"] as? Int ?? 0 > 30, "\(best)")
  }

  @Test("A label that stands for a missing number is refused with its line", arguments: ["nan", "NaN", "None"])
  func missing(label: String) throws {
    let run = try TinyRun()
    try run.folder.write("sentence\tlabel\nfine\t1\nbad\t0\nfine\t\(label)\n", to: "train.tsv")
    let outcome = try run.train().run()
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("line 4") && outcome.error.contains("missing number"), "\(outcome.error)")
  }

  @Test("A column that is the text and the label at once is refused")
  func column() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "data.columns.text=label").run()
    #expect(outcome.status == 2)
    #expect(
      outcome.error.contains("data.columns.label names the column \"label\", which is the text"), "\(outcome.error)")
  }

  @Test("An output that is an input is refused, and stays as it is")
  func overwritten() throws {
    let run = try TinyRun()
    let line = "{\"id\": 0, \"label\": \"a\", \"probabilities\": [0.75, 0.25], \"classes\": [\"a\", \"b\"]}\n"
    for name in ["a.jsonl", "b.jsonl"] { try run.folder.write(line, to: name) }
    let outcome = try Command("ensemble", "a.jsonl", "b.jsonl", "--output", "./a.jsonl", in: run.folder).run()
    #expect(outcome.status == 64 && outcome.error.contains("is one of the files that are read"), "\(outcome)")
    #expect(try run.folder.read("a.jsonl") == line)
  }

  @Test("Layers of a model that are not computed are named by predict")
  func layers() throws {
    let run = try TinyRun()
    try #require(try run.train().run().status == 0)
    let path = "out/models/last/config.json"
    let text = try run.folder.read(path).replacingOccurrences(
      of: "\"num_hidden_layers\" : 2", with: "\"num_hidden_layers\" : 1")
    try run.folder.write(text, to: path)
    let outcome = try Command("predict", "out/models/last", "--text", "fine", in: run.folder).run()
    #expect(outcome.error.contains("but not used: bert.encoder.layer.1."), "\(outcome)")
  }
}
