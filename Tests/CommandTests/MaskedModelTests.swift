import Foundation
import Testing

/// Runs of a masked language model on text alone, and tasks that start from what it leaves.
@Suite("A masked language model", .serialized)
struct MaskedModelTests {
  /// 48 texts to train on and 16 to validate, of a few words that follow one another.
  private static func run(_ task: String = "{kind: masked-lm, pack: true}") throws -> TinyRun {
    let run = try TinyRun()
    let texts = ["a fine film with good fun", "a dull plot", "", "bad jokes and worse ones in a long dull film"]
    try run.read({ "{\"t\": \"\(texts[$0 % 4])\"}" }, columns: "{text: t}", task: task)
    try run.changeRecipe("maximum_length: 24", "maximum_length: 16")
    return run
  }

  @Test("trains on text alone, is evaluated to what it logged, fills masks, and is continued with its head")
  func endToEnd() throws {
    let run = try Self.run()
    let trained = try run.train("--set", "steps=60", "--set", "optimizer.learning_rate=0.01").run()
    #expect(trained.status == 0, "\(trained.error)")
    let perplexities = run.evaluations.compactMap { $0["perplexity"] as? Double }
    #expect(perplexities.count > 1 && perplexities[perplexities.count - 1] < 0.7 * perplexities[0], "\(perplexities)")
    let logged = try #require(run.evaluations.last)
    let evaluated = try run.command(["evaluate", "out/models/last", "dev.jsonl", "--text", "t"])
    let figures = try object(evaluated.output)
    for name in ["loss", "perplexity", "accuracy"] {
      let (value, other) = (figures[name] as? Double ?? .nan, logged[name] as? Double ?? .nan)
      #expect(abs(value - other) < 1e-4 * abs(other), "\(name): \(value), logged \(other)")
    }
    let filled = try run.command(["predict", "out/models/last", "--text", "a [MASK] film with [MASK] fun"])
    #expect(filled.status == 0, "\(filled.error)")
    let masks = try #require(object(filled.output)["masks"] as? [[[String: Any]]])
    #expect(masks.count == 2 && masks.allSatisfy { $0.count == 5 && $0[0]["token"] is String })
    let probabilities = masks[0].compactMap { $0["probability"] as? Double }
    #expect(probabilities == probabilities.sorted(by: >) && probabilities.reduce(0, +) <= 1)
    let none = try run.command(["predict", "out/models/last", "--text", "a film"])
    #expect(none.status == 2 && none.error.contains("has no [MASK]"), "\(none.error)")
    let again = try run.train(
      "--set", "model={from: out/models/last}", "--set", "optimizer.learning_rate=0", "--set", "steps=1", "--output",
      "again"
    ).run()
    #expect(again.status == 0 && !again.error.contains("random"), "\(again.error)")
    let kept = try run.command(["evaluate", "again/models/last", "dev.jsonl", "--text", "t"])
    #expect(try object(kept.output)["loss"] as? Double == figures["loss"] as? Double)
  }

  @Test("starts every other task")
  func starts() throws {
    let run = try Self.run("{kind: masked-lm, whole_words: true}")
    try #require(try run.train("--set", "steps=4").run().status == 0)
    let rows = [
      ("{kind: single-label}", "{text: t, label: l}", "\"l\": ", ["0", "1"]),
      ("{kind: regression}", "{text: t, label: l}", "\"l\": ", ["0.5", "1.5"]),
      ("{kind: multi-label}", "{text: t, label: l}", "\"l\": ", ["[\"x\"]", "[\"x\", \"y\"]"]),
      ("{kind: similarity, loss: infonce}", "{text: t}", "\"u\": ", ["0", "1"]),
      ("{kind: token-classification}", "{text: t, label: l}", "\"l\": ", ["[[0, 1, \"x\"]]", "[[0, 1, \"y\"]]"]),
    ]
    for (task, columns, key, values) in rows {
      let lines = (0..<32).map { "{\"t\": \"a film \($0 % 3)\", \(key)\(values[$0 % 2])}\n" }
      for file in ["train.jsonl", "dev.jsonl"] { try run.folder.write(lines.joined(), to: file) }
      let trained = try run.train(
        "--set", "model={from: out/models/last}", "--set", "task=\(task)", "--set", "data.columns=\(columns)", "--set",
        "steps=2", "--output", "next"
      ).run()
      #expect(trained.status == 0, "\(task): \(trained.error)")
      try? FileManager.default.removeItem(atPath: run.folder.path + "/next")
    }
  }

  @Test("masks words of a list, of which an audit knows whether it is the run's")
  func wordList() throws {
    let run = try Self.run("{kind: masked-lm, whole_words: true, word_list: words.txt}")
    try run.folder.write("fine film 3\n", to: "words.txt")
    let trained = try run.train("--set", "steps=4").run()
    #expect(trained.status == 0, "\(trained.error)")
    let (same, losses) = (try run.command(["audit", "out"]), run.losses)
    #expect(same.status == 0, "\(same.output) \(same.error)")
    try run.folder.write("dull plot\n", to: "words.txt")
    let other = try run.command(["audit", "out"])
    #expect(other.status != 0 && (other.output + other.error).contains("words.txt changed"), "\(other)")
    #expect(losses.count == 4)
  }

  @Test("reads the lines of a text file, and the ranks of a run mask the same tokens")
  func textFile() throws {
    let run = try Self.run()
    let texts = (0..<60).map { "a fine film number \($0) with good fun" }
    for file in ["train.txt", "dev.txt"] { try run.folder.write(texts.joined(separator: "\n\n") + "\n", to: file) }
    try run.changeRecipe("train.jsonl", "train.txt")
    try run.changeRecipe("dev.jsonl", "dev.txt")
    let alone = try run.train("--set", "steps=6").run()
    #expect(alone.status == 0, "\(alone.error)")
    let hash = try #require(run.weightsHash)
    let other = try run.train("--set", "steps=6", "--set", "batch.microbatch=4", "--output", "other").run()
    #expect(other.status == 0)
    guard Command.hasLauncher else { return }
    var joint = run
    joint.output = "joint"
    #expect(try joint.train("--set", "steps=6", ranks: 3).run().status == 0)
    #expect(joint.weightsHash == hash)
    let resumed = try run.command([
      "verify-resume", run.recipe, "--steps", "6", "--schedules", "1", "--cuts", "2", "--ranks", "2", "--seed", "3",
      "--set", "checkpoint.every=2",
    ])
    #expect(resumed.status == 0 && resumed.output.contains(", the same"), "\(resumed.output) \(resumed.error)")
  }

  @Test(
    "refuses by name what a language model does not have",
    arguments: [
      ("data.columns.label=l", "data.columns.label"), ("model.head={pooling: mean}", "model.head.pooling"),
      ("techniques={label_smoothing: {}}", "label_smoothing"), ("task.word_list=words.txt", "task.word_list"),
      ("task.probability=1.5", "task.probability"), ("data.windows={}", "data.windows"),
      ("model.configuration.tie_word_embeddings=false", "tie_word_embeddings"),
      ("task={kind: masked-lm, whole_words: true, word_list: missing.txt}", "missing.txt"),
    ])
  func refusals(setting: String, name: String) throws {
    let run = try Self.run("{kind: masked-lm}")
    let lines = (0..<32).map { "{\"t\": \"a film \($0 % 3)\", \"l\": 1}\n" }
    for file in ["train.jsonl", "dev.jsonl"] { try run.folder.write(lines.joined(), to: file) }
    let refused = try run.train("--set", setting).run()
    #expect(refused.status == 2 && refused.complaints.count == 1 && refused.error.contains(name), "\(refused.error)")
  }
}
