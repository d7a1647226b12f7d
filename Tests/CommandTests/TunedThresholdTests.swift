import Foundation
import Testing

/// Runs of several labels a row whose thresholds are chosen on the validation rows.
@Suite("Tuned thresholds")
struct TunedThresholdTests {
  /// A run on lists of labels, of which one is rare and one is never given in validation.
  private func run(threshold: String = "tuned") throws -> TinyRun {
    let run = try TinyRun()
    let texts = ["a fine film", "a dull plot", "good fun", "bad jokes and worse", "no plot, good jokes"]
    func line(_ row: Int) -> String {
      var labels = [["fun"], ["dull"], ["fun", "short"], ["dull", "bad"], ["fun", "bad"]][(row * row + row / 3) % 5]
      if row % 11 == 0 { labels.append("rare") }
      if row < 48, row % 7 == 0 { labels.append("unseen") }
      return "{\"sentence\": \"\(texts[row % 5]) \(row % 4)\", \"label\": \(labels)}\n"
    }
    try run.folder.write((0..<48).map(line).joined(), to: "train.jsonl")
    try run.folder.write((48..<80).map(line).joined(), to: "dev.jsonl")
    try run.changeRecipe("train.tsv", "train.jsonl")
    try run.changeRecipe("dev.tsv", "dev.jsonl")
    try run.changeRecipe("  labels: 2\n", "")
    try run.changeRecipe(
      "evaluate: {every: 10, metrics: [accuracy, f1, matthews], best: accuracy}",
      "evaluate: {every: 10, metrics: [f1_macro, f1_micro, hamming_loss]}\ntask: {threshold: \(threshold)}")
    return run
  }

  /// The thresholds of an export by label, 0.5 where it has none.
  private func thresholds(_ run: TinyRun, _ model: String = "best", in output: String = "out") throws
    -> [String: Double]
  {
    let json = try run.folder.json("\(output)/models/\(model)/config.json")
    let names = try #require(json["id2label"] as? [String: String])
    let given = (json["lockstep_task"] as? [String: Any])?["thresholds"] as? [Double]
    return Dictionary(uniqueKeysWithValues: names.map { ($1, given?[Int($0)!] ?? 0.5) })
  }

  /// The probabilities and targets of each label on the validation rows.
  private func scores(_ run: TinyRun, _ model: String) throws -> [String: [(score: Double, isGiven: Bool)]] {
    let predicted = try run.command(["predict", "out/models/\(model)", "--input", "dev.jsonl"])
    #expect(predicted.status == 0, "\(predicted.error)")
    let rows = try run.folder.read("dev.jsonl").split(separator: "\n").map {
      try object($0)["label"] as? [String] ?? []
    }
    var scores: [String: [(score: Double, isGiven: Bool)]] = [:]
    for (line, labels) in zip(predicted.output.split(separator: "\n"), rows) {
      let line = try object(line)
      let pairs = zip(try #require(line["classes"] as? [String]), try #require(line["probabilities"] as? [Double]))
      for (name, score) in pairs { scores[name, default: []].append((score, labels.contains(name))) }
    }
    return scores
  }

  private func f1(_ rows: [(score: Double, isGiven: Bool)], at threshold: Double) -> Double {
    let both = rows.count { $0.score >= threshold && $0.isGiven }
    let sum = rows.count { $0.score >= threshold } + rows.count(where: \.isGiven)
    return sum == 0 ? 0 : 2 * Double(both) / Double(sum)
  }

  @Test("are in every export, have the largest F1 there is, and give the figures that the run logged")
  func exported() throws {
    let run = try run()
    let trained = try run.train("--set", "techniques={ema: {decay: 0.9}}").run()
    #expect(trained.status == 0, "\(trained.error)")
    var seen: Set<[String: Double]> = []
    for model in ["best", "last", "ema"] {
      let thresholds = try thresholds(run, model)
      seen.insert(thresholds)
      #expect(thresholds["unseen"] == 0.5 && thresholds.count == 6, "\(thresholds)")
      for (name, rows) in try scores(run, model) {
        // Every score and every middle of two, below the least and above the largest.
        let sorted = rows.map(\.score).sorted()
        let all = sorted + zip(sorted, sorted.dropFirst()).map { ($0 + $1) / 2 } + [0, 0.5, 1]
        let best = try #require(all.map { f1(rows, at: $0) }.max())
        #expect(f1(rows, at: try #require(thresholds[name])) == best, "\(model), \(name)")
      }
      let evaluated = try object(
        run.command(["evaluate", "out/models/\(model)", "dev.jsonl", "--metrics", "f1_macro,f1_micro,hamming_loss"])
          .output)
      let weights = ["last": "raw", "ema": "ema"][model]
      let logged = run.evaluations.filter { weights == nil || $0["weights"] as? String == weights }
      let best = logged.max { ($0["f1_macro"] as? Double ?? 0) < ($1["f1_macro"] as? Double ?? 0) }
      let own = try #require(model == "best" ? best : logged.last)
      for name in ["f1_macro", "f1_micro", "hamming_loss"] {
        let (value, other) = (evaluated[name] as? Double ?? .nan, own[name] as? Double ?? .infinity)
        #expect(abs(value - other) < 1e-12, "\(model), \(name): \(value), logged \(other)")
      }
    }
    #expect(seen.count > 1, "each model has thresholds of its own")
  }

  @Test("are better on the validation rows than 0.5")
  func better() throws {
    var macro: [Double] = []
    for threshold in ["0.5", "tuned"] {
      let run = try run(threshold: threshold)
      try #require(try run.train().run().status == 0)
      macro.append(try #require(run.evaluations.last?["f1_macro"] as? Double))
    }
    #expect(macro[1] > macro[0], "\(macro)")
  }

  @Test("are the same on two ranks, and where a resumed run writes its models anew")
  func ranks() throws {
    let run = try run()
    try #require(try run.train().run().status == 0)
    let (best, last) = (try thresholds(run), try thresholds(run, "last"))
    #expect(best.values.contains { $0 != 0.5 } && last.values.contains { $0 != 0.5 })
    try FileManager.default.removeItem(atPath: run.folder.path + "/out/models/last")
    let resumed = try run.train("--resume", "auto").run()
    #expect(resumed.status == 0, "\(resumed.error)")
    #expect(try thresholds(run, "last") == last && thresholds(run) == best)
    guard Command.hasLauncher else { return }
    let two = try run.train("--output", "two", ranks: 2).run()
    #expect(two.status == 0, "\(two.error)")
    #expect(try thresholds(run, in: "two") == best && thresholds(run, "last", in: "two") == last)
  }

  @Test("need validation rows, and are asked for by one word")
  func refused() throws {
    let run = try run()
    let word = try run.train("--set", "task.threshold=tunde").run()
    #expect(word.status == 2 && word.error.contains("task.threshold"), "\(word.error)")
    let split = try run.train("--set", "data.validation=null", "--set", "data.split=0.2", "--set", "steps=1").run()
    #expect(split.status == 0, "\(split.error)")
    let outcome = try run.train("--set", "data.validation=null").run()
    #expect(
      outcome.status == 2 && outcome.error.contains("task.threshold is tuned, and there are no validation rows"),
      "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
  }
}
