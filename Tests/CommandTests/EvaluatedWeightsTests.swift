import Foundation
import Testing

@Suite("Evaluations of a run")
struct EvaluatedWeightsTests {
  private static let average = ["--set", "techniques={ema: {decay: 0.5, start: 15}}", "--set", "evaluate.every=5"]

  private func run(_ more: [String], ranks: Int? = nil) throws -> TinyRun {
    let run = try TinyRun()
    var command = run.train(ranks: ranks)
    command.arguments += more
    let outcome = try command.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return run
  }

  private func weights(_ run: TinyRun) -> [String] {
    run.metrics.compactMap { line in
      (line["evaluation"] as? [String: Any]).map { "\(line["step"] as? Int ?? 0) \($0["weights"] as? String ?? "")" }
    }
  }

  @Test("measure raw weights, averages or both; before an average begins, the raw ones")
  func choice() throws {
    let raw = [5, 10, 15, 20, 25, 30].map { "\($0) raw" }
    #expect(try weights(run(Self.average + ["--set", "evaluate.weights=raw"])) == raw)
    let averages = try run(Self.average + ["--set", "evaluate.weights=averages", "--set", "evaluate.best=loss"])
    let found = weights(averages)
    #expect(
      found.count == 6 && found.prefix(2) == ["5 raw", "10 raw"] && found.suffix(3) == ["20 ema", "25 ema", "30 ema"])
    let both = try run(Self.average)
    #expect(Set(weights(both)).isSuperset(of: raw + ["20 ema", "25 ema", "30 ema"]))
    // Best, and the checkpoint that stays for it, follow what is evaluated.
    let best = try #require(try averages.folder.json("out/summary.json")["best"] as? [String: Any])
    let losses = averages.evaluations.compactMap { $0["loss"] as? Double }
    #expect(best["value"] as? Double == losses.min())
    let last = try #require(losses.last)
    let listed = try Command("checkpoint", "list", "out", "--json", in: averages.folder).run().output
    #expect(try object(#require(listed.split(separator: "\n").last))["score"] as? Double == -last)
  }

  @Test("of averages are refused where no technique keeps one")
  func noAverage() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "evaluate.weights=averages").run()
    #expect(outcome.status == 2 && outcome.error.contains("evaluate.weights"), "\(outcome.error)")
  }

  @Test(
    "have the mean training loss since the one before, at any number of ranks and however often the run was cut",
    arguments: [nil, 2])
  func trainingLoss(ranks: Int?) throws {
    if ranks != nil && !Command.hasLauncher { return }
    func figures(_ run: TinyRun) -> [Double] { run.evaluations.compactMap { $0["training_loss"] as? Double } }
    let run = try run([], ranks: ranks)
    let losses = run.losses
    // All batches have eight rows.
    let means = stride(from: 0, to: 30, by: 10).map { losses[$0..<$0 + 10].reduce(0, +) / 10 }
    try #require(figures(run).count == 3)
    for (figure, mean) in zip(figures(run), means) { #expect(abs(figure - mean) < 1e-12 * mean) }
    let cut = try TinyRun()
    var command = cut.train()
    command.variables = ["LOCKSTEP_FAULT": "rank:0,point:step,number:17,do:kill"]
    try #require(try command.run().status == 128 + SIGKILL)
    let resumed = try cut.train("--resume", "auto", ranks: ranks).run()
    #expect(resumed.status == 0 && resumed.error.contains("; training loss "), "\(resumed.error)")
    #expect(figures(cut) == figures(run))
  }

  @Test("count epochs from 1, as all that people read does")
  func epochs() throws {
    let run = try run([])
    let epochs = run.metrics.filter { $0["loss"] != nil }.compactMap { $0["epoch"] as? Int }
    #expect(epochs == (0..<30).map { 1 + $0 / 12 })
  }

  @Test("that improve leave as many models as the recipe wants, named by step and figure")
  func improvements() throws {
    let more = [
      "--set", "evaluate={every: 3, metrics: [accuracy], best: loss}", "--set", "checkpoint.keep_improvements=2",
      // On the rows of training itself the loss falls again and again.
      "--set", "data.validation=train.tsv",
    ]
    let run = try run(more)
    func models() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: run.folder.path + "/out/models").filter {
        $0.hasPrefix("step-")
      }
      .sorted()
    }
    var best = Double.infinity
    var improved: [String] = []
    for line in run.metrics {
      guard let loss = (line["evaluation"] as? [String: Any])?["loss"] as? Double, loss < best else { continue }
      best = loss
      improved.append("step-\(line["step"] as? Int ?? 0)-loss-" + String(format: "%.4f", loss))
    }
    #expect(improved.count > 2, "\(improved)")
    #expect(try models() == improved.suffix(2).sorted())
    let newest = run.folder.contents(below: "out/models/\(try #require(improved.last))")
    #expect(newest == run.folder.contents(below: "out/models/best") && newest["model.safetensors"] != nil)
  }
}
