import Foundation
import Testing

@Suite("A trained model")
struct ModelCommandTests {
  private func trained() throws -> TinyRun {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return run
  }

  @Test("is evaluated to the figures that the run itself logged")
  func evaluate() throws {
    let run = try trained()
    let outcome = try Command("evaluate", "out/models/last", "dev.tsv", in: run.folder).run()
    let figures = try object(outcome.output)
    let logged = try #require(run.evaluations.last)
    #expect(figures["rows"] as? Int == TinyRun.validationRows)
    for key in ["accuracy", "f1", "matthews"] { #expect(figures[key] as? Double == logged[key] as? Double, "\(key)") }
    let losses = try (#require(figures["loss"] as? Double), #require(logged["loss"] as? Double))
    #expect(abs(losses.0 - losses.1) < 1e-5 * losses.1)

    let best = try object(Command("evaluate", "out/models/best", "dev.tsv", in: run.folder).run().output)
    let summary = try run.folder.json("out/summary.json")["best"] as? [String: Any]
    #expect(best["accuracy"] as? Double == summary?["value"] as? Double)
  }

  @Test("predicts a line a row, whose probabilities sum to 1 and whose label is the likeliest")
  func predict() throws {
    let run = try trained()
    let arguments = ["--input", "dev.tsv", "--output", "predictions.jsonl"]
    var command = Command("predict", "out/models/last", in: run.folder)
    command.arguments += arguments
    #expect(try command.run().status == 0)
    let lines = try run.folder.read("predictions.jsonl").split(separator: "\n").map { try object($0) }
    #expect(lines.map { $0["id"] as? Int } == Array(0..<TinyRun.validationRows))
    var right = 0
    let labels = try run.folder.read("dev.tsv").split(separator: "\n").dropFirst().map { $0.suffix(1) }
    for (line, truth) in zip(lines, labels) {
      let probabilities = try #require(line["probabilities"] as? [Double])
      #expect(probabilities.count == 2 && abs(probabilities.reduce(0, +) - 1) < 1e-9)
      let likeliest = probabilities[0] >= probabilities[1] ? "0" : "1"
      let label = try #require(line["label"] as? String)
      #expect(label.hasSuffix(likeliest), "\(line)")
      right += likeliest == truth ? 1 : 0
    }
    #expect(Double(right) / Double(lines.count) == run.evaluations.last?["accuracy"] as? Double)
  }

  @Test("predicts rows without labels")
  func unlabelled() throws {
    let run = try trained()
    try run.folder.write("{\"sentence\": \"a fine film\"}\n{\"sentence\": \"\"}\n", to: "rows.jsonl")
    let outcome = try Command(
      "predict", "out/models/best", "--input", "rows.jsonl", "--output", "two.jsonl", in: run.folder
    ).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try run.folder.read("two.jsonl").split(separator: "\n").count == 2)
  }

  @Test("has checkpoints that are listed, verified and exported")
  func checkpoints() throws {
    let run = try trained()
    let listed = try Command("checkpoint", "list", "out", in: run.folder).run()
    #expect(listed.status == 0 && listed.output.contains("step-00000030"), "\(listed.output)")
    let verified = try Command("checkpoint", "verify", "out", in: run.folder).run()
    #expect(verified.status == 0 && !verified.output.contains("NOT VALID"), "\(verified.output)")
    let exported = try Command("checkpoint", "export", "out", "--output", "w.safetensors", in: run.folder).run()
    #expect(exported.status == 0, "\(exported.error)")
    let model = run.folder.contents(below: "out/models/last")["model.safetensors"]
    let size = try FileManager.default.attributesOfItem(atPath: run.folder.path + "/w.safetensors")[.size] as? Int
    #expect(abs((size ?? 0) - (model?.count ?? 0)) < 4096)
  }

  /// A use of a model that must be refused, and what the answer names.
  struct Misuse: CustomTestStringConvertible {
    var arguments: [String]
    var mentions: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let misuses = [
    Misuse(arguments: ["evaluate", "nowhere", "dev.tsv"], mentions: "nowhere: does not exist"),
    Misuse(arguments: ["evaluate", "out/models/last", "nowhere.tsv"], mentions: "nowhere.tsv"),
    Misuse(arguments: ["evaluate", "out/models/last", "dev.tsv", "--label", "class"], mentions: "\"class\""),
    Misuse(arguments: ["evaluate", "out/models/last", "dev.tsv", "--metrics", "acuracy"], mentions: "acuracy"),
    Misuse(arguments: ["evaluate", "out/models/last", "bad.tsv"], mentions: "line 2"),
    Misuse(
      arguments: ["predict", "out/models/last", "--input", "bad.tsv", "--output", "kept.jsonl", "--text", "x"],
      mentions: "\"x\""),
    Misuse(arguments: ["checkpoint", "export", "dev.tsv", "--output", "kept"], mentions: "dev.tsv"),
  ]

  @Test("is not misused: status 2, one line, nothing written over")
  func misuse() throws {
    let run = try trained()
    try run.folder.write("sentence\tlabel\nfine\t5\n", to: "bad.tsv")
    for name in ["kept", "kept.jsonl"] { try run.folder.write("kept", to: name) }
    for misuse in Self.misuses {
      var command = Command(in: run.folder)
      command.arguments = misuse.arguments
      let outcome = try command.run()
      #expect(outcome.status == 2 && outcome.output == "", "\(misuse): \(outcome)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(misuse): \(outcome.error)")
      #expect(outcome.error.contains(misuse.mentions), "\(misuse): \(outcome.error)")
      for name in ["kept", "kept.jsonl"] { #expect(try run.folder.read(name) == "kept") }
    }
  }
}
