import Foundation
import Testing

@Suite("lockstep evaluate")
struct EvaluateTests {
  /// A run on rows whose labels are names: those of SST-2, or of three classes.
  private func run(names: [String], _ arguments: String...) throws -> (run: TinyRun, outcome: Shell.Outcome) {
    let run = try TinyRun()
    for file in ["train.tsv", "dev.tsv"] {
      let lines = try run.folder.read(file).split(separator: "\n")
      let named = lines.dropFirst().enumerated().map { row, line in
        String(line.dropLast()) + (row % 5 == 0 ? names[names.count - 1] : names[line.hasSuffix("1") ? 1 : 0])
      }
      try run.folder.write(([String(lines[0])] + named).joined(separator: "\n") + "\n", to: file)
    }
    try run.changeRecipe("labels: 2", "labels: \(names.count)")
    var command = run.train("--set", "steps=12", "--set", "evaluate.every=6")
    command.arguments += arguments
    let outcome = try command.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return (run, outcome)
  }

  private func evaluate(_ run: TinyRun, _ arguments: String...) throws -> [String: Any] {
    var command = Command("evaluate", "out/models/last", "dev.tsv", in: run.folder)
    command.arguments += arguments
    let outcome = try command.run()
    #expect(outcome.status == 0, "\(outcome)")
    return try object(outcome.output)
  }

  /// 2 hits / (predicted + labels) of one class, from what predict says.
  private func f1(of name: String, _ run: TinyRun) throws -> Double {
    let lines = try Command("predict", "out/models/last", "--input", "dev.tsv", in: run.folder).run().output
    let predicted = try lines.split(separator: "\n").map { try object($0)["label"] as? String == name }
    let labels = try run.folder.read("dev.tsv").split(separator: "\n").dropFirst().map { $0.hasSuffix("\t" + name) }
    let hits = zip(predicted, labels).count { $0 && $1 }
    let all = predicted.count { $0 } + labels.count { $0 }
    return all == 0 ? 0 : Double(2 * hits) / Double(all)
  }

  @Test("says which class f1, precision and recall are of, and takes another by its name")
  func twoClasses() throws {
    let (run, trained) = try run(names: ["bad", "good"], "--set", "evaluate.positive=bad", "--set", "evaluate.best=f1")
    let second = try evaluate(run)
    let (good, bad) = (try f1(of: "good", run), try f1(of: "bad", run))
    #expect(good != bad)
    #expect(second["positive"] as? String == "good" && second["f1"] as? Double == good)
    let first = try evaluate(run, "--positive", "bad")
    #expect(first["positive"] as? String == "bad" && first["f1"] as? Double == bad)
    #expect(try evaluate(run, "--metrics", "accuracy")["positive"] == nil)

    let logged = try #require(run.evaluations.last)
    #expect(logged["positive"] as? String == "bad" && logged["f1"] as? Double == first["f1"] as? Double)
    #expect(trained.error.contains(/f1 [0-9.]+ \(class bad\)/), "\(trained.error)")
    let best = try #require(run.folder.json("out/summary.json")["best"] as? [String: Any])
    #expect(best["metric"] as? String == "f1" && best["positive"] as? String == "bad")

    for (name, says) in [("ugly", #"give one of "bad", "good""#), ("0", #"give one of "bad", "good""#)] {
      let refused = try Command("evaluate", "out/models/last", "dev.tsv", "--positive", name, in: run.folder).run()
      #expect(refused.status == 2 && refused.output == "" && refused.error.contains(says), "\(refused)")
    }
    let recipe = try Command("recipe", "check", run.recipe, "--set", "evaluate.positive=ugly", in: run.folder).run()
    #expect(recipe.status == 2 && recipe.error.contains("evaluate.positive"), "\(recipe)")
  }

  @Test("with three classes f1 is f1_macro everywhere, and a positive class is refused")
  func threeClasses() throws {
    let (run, trained) = try run(names: ["bad", "good", "odd"], "--set", "evaluate.best=f1")
    let figures = try evaluate(run)
    #expect(
      figures.keys.sorted() == ["accuracy", "f1_macro", "loss", "matthews", "precision_macro", "recall_macro", "rows"])
    let logged = try #require(run.evaluations.last)
    #expect(logged["f1"] == nil && logged["positive"] == nil)
    #expect(logged["f1_macro"] as? Double == figures["f1_macro"] as? Double)
    #expect(trained.error.contains("f1_macro") && !trained.error.contains("f1 0"))
    let best = try #require(run.folder.json("out/summary.json")["best"] as? [String: Any])
    #expect(best["metric"] as? String == "f1_macro" && best["value"] is Double)
    let refused = try Command("evaluate", "out/models/last", "dev.tsv", "--positive", "bad", in: run.folder).run()
    #expect(refused.status == 2 && refused.error.contains("3 classes"), "\(refused)")
  }

  @Test("of weights that are numbers and scores that are not: predict and evaluate refuse with one line")
  func notFinite() throws {
    let run = try TinyRun()
    let model = try TrainedModel(in: run)
    // Nearly the largest Float32 as weight of the last norm: what it gives overflows.
    let length = (0..<8).reduce(0) { $0 | Int(model.weights[$1]) << ($1 * 8) }
    let header = try object(String(decoding: model.weights[8..<8 + length], as: UTF8.self))
    let norm = try #require(header["bert.encoder.layer.1.output.LayerNorm.weight"] as? [String: Any])
    let place = try #require(norm["data_offsets"] as? [Int])
    var weights = model.weights
    for index in stride(from: 8 + length + place[0], to: 8 + length + place[1], by: 4) {
      weights.replaceSubrange(index..<index + 4, with: [0xFF, 0xFF, 0x7F, 0x7F])
    }
    try model.write(weights)
    for arguments in [["predict", "base", "--text", "good film"], ["evaluate", "base", "dev.tsv"]] {
      var command = Command(in: run.folder)
      command.arguments = arguments
      let outcome = try command.run()
      #expect(outcome.status == 2 && outcome.output == "" && outcome.complaints.count == 1, "\(outcome)")
      #expect(outcome.error.contains("base: scores row "), "\(outcome)")
      #expect(!outcome.error.lowercased().contains("nan"), "\(outcome)")
    }
  }
}
