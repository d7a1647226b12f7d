import Foundation
import Testing

@Suite("A run with --trace")
struct TraceTests {
  private struct Summary: Decodable {
    struct Rank: Decodable {
      var rank: Int
      var threads: [String: Thread]
    }

    struct Thread: Decodable {
      var seconds: Double
      var kinds: [String: Kind]
    }

    struct Kind: Decodable {
      var count: Int
      var seconds: Double
      var whole: Double
    }

    var ranks: [Rank]

    init(of run: TinyRun) throws {
      let outcome = try Command("trace", "summary", run.output, "--json", in: run.folder).run()
      try #require(outcome.status == 0, "\(outcome.error)")
      self = try JSONDecoder().decode(Summary.self, from: Data(outcome.output.utf8))
    }
  }

  @Test("of two ranks adds up to the seconds of metrics.jsonl, step by step", .enabled(if: Command.hasLauncher))
  func sums() throws {
    let run = try TinyRun()
    let outcome = try run.train("--trace", ranks: 2).run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let logged = run.metrics.compactMap { $0["seconds"] as? Double }.reduce(0, +)
    let summary = try Summary(of: run)
    #expect(summary.ranks.map(\.rank) == [0, 1])
    let training = try summary.ranks.map { try #require($0.threads["training"]) }
    let steps = try training.map { try #require($0.kinds["step"]) }
    #expect(steps.map(\.count) == [TinyRun.steps, TinyRun.steps])
    #expect(abs(steps[0].whole - logged) < 0.02 * logged, "\(steps[0].whole) of \(logged) s")
    // Own times add up to the thread's; what has no name of its own in a step is little.
    #expect(training.allSatisfy { $0.kinds.values.reduce(0) { $0 + $1.seconds } <= $0.seconds * 1.000_001 })
    for (kind, count) in ["forward": 60, "backward": 60, "data": 60, "reduction": 30, "optimizer": 60, "evaluation": 3]
    {
      #expect(training.allSatisfy { $0.kinds[kind]?.count == count }, "\(kind)")
    }
    #expect(summary.ranks.allSatisfy { $0.threads["communication"]?.kinds["operation"]?.count ?? 0 >= 60 })
    #expect(summary.ranks.allSatisfy { $0.threads["checkpoint"]?.kinds["writing"] != nil })
  }

  @Test("that is stopped on request has a whole trace, one that fails its ranks' parts")
  func ends() throws {
    let run = try TinyRun()
    let stopped = try run.train("--trace").run { running in
      try running.wait(forStep: 3, in: run)
      running.process.terminate()
    }
    try #require(stopped.status == 85, "\(stopped.error)")
    #expect(try Summary(of: run).ranks[0].threads["training"]?.kinds["step"]?.count == run.loggedSteps.count)
    var full = run.train("--trace", "--disk-wait", "0")
    full.variables["LOCKSTEP_STORAGE_FAULT"] = "call:60,do:full,times:1000"
    let failed = try full.run()
    try #require(failed.status == 74, "\(failed.error)")
    #expect(!run.folder.contains("out/trace.json") && run.folder.contains("out/trace/rank-0.json"))
    #expect(try Summary(of: run).ranks[0].threads["training"]?.kinds["step"]?.count ?? 0 >= 1)
  }
}
