import Foundation
import Testing

@Suite("A run written in MLflow's file format")
struct MLflowTests {
  private let run: TinyRun

  init() throws { run = try TinyRun() }

  /// The run's folder in the store; there is one.
  private func stored() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.path + "/mlruns/0")
    let runs = names.filter { $0 != "meta.yaml" }
    try #require(runs.count == 1, "\(runs)")
    return "mlruns/0/\(runs[0])"
  }

  private func steps(_ metric: String) throws -> [Int] {
    try run.folder.read("\(stored())/metrics/\(metric)").split(separator: "\n").map {
      try #require(Int($0.split(separator: " ")[2]))
    }
  }

  @Test("has the recipe as parameters, the numbers of metrics.jsonl, and the state finished")
  func whole() throws {
    let outcome = try run.train("--mlflow", "mlruns", "--set", "steps=10").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let folder = try stored()
    #expect(try run.folder.read("\(folder)/params/batch.size") == "8")
    let meta = try run.folder.read("\(folder)/meta.yaml")
    #expect(meta.contains("status: 3\n") && meta.contains("run_name: \"out\"\n") && !meta.contains("end_time: null"))
    let losses = try run.folder.read("\(folder)/metrics/train/loss").split(separator: "\n").map {
      try #require(Double($0.split(separator: " ")[1]))
    }
    #expect(losses.count == 10 && run.losses.count == 10)
    for (own, logged) in zip(losses, run.losses) { #expect(abs(own - logged) < 1e-12) }
    #expect(try steps("validation/accuracy") == [10])
    #expect(try run.folder.read("mlruns/0/meta.yaml").contains("name: Default\n"))
  }

  @Test("and killed continues as the same run, each step once", .enabled(if: Command.hasLauncher))
  func resumed() throws {
    let stopped = try run.train("--mlflow", "mlruns", "--set", "steps=100000", ranks: 2).run { running in
      try running.wait(forStep: 14, in: run)
      kill(try running.process(ofRank: 0), SIGKILL)
    }
    #expect(stopped.status != 0)
    #expect(try run.folder.read("\(stored())/meta.yaml").contains("status: 1\n"))
    let last = try #require(run.loggedSteps.last)
    let resumed = try run.train("--mlflow", "mlruns", "--resume", "auto", "--set", "steps=\(last + 5)").run()
    try #require(resumed.status == 0, "\(resumed.error)")
    #expect(try steps("train/loss") == Array(1...(last + 5)))
    #expect(try run.folder.read("\(stored())/meta.yaml").contains("status: 3\n"))
  }
}
