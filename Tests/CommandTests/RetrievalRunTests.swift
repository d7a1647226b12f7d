import Foundation
import Testing

/// Retrieval as a run logs it, as `evaluate` measures it, and as the vectors of `embed` say.
@Suite("Retrieval")
struct RetrievalRunTests {
  private static let names = ["mrr", "recall@1", "recall@3", "recall@16"]

  /// The vectors of a column.
  private func vectors(_ run: TinyRun, column: String) throws -> [[Double]] {
    let outcome = try run.command(
      ["embed", "out/models/last", "--input", "dev.jsonl", "--text", column, "--output", "v.npy", "--normalize"])
    try #require(outcome.status == 0, "\(outcome.error)")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: run.folder.path + "/v.npy")))
    let header = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
    let numbers = stride(from: header, to: bytes.count, by: 4).map { place in
      Double(Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }))
    }
    let width = numbers.count / 16
    return (0..<16).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
  }

  @Test("is what the vectors of the validation rows say, on one rank and on two, with labels and without")
  func vectorsAgree() throws {
    let run = try TaskRunTests.run(TaskRunTests.forms[8])
    let metrics = "evaluate={metrics: [mrr, recall@1, recall@3, recall@16, spearman], best: mrr}"
    let trained = try run.train("--set", metrics).run()
    try #require(trained.status == 0, "\(trained.error)")
    let logged = try #require(run.evaluations.last)
    let (texts, pairs) = try (vectors(run, column: "t"), vectors(run, column: "p"))
    let ranks = (0..<16).map { row in
      let cosines = pairs.map { zip(texts[row], $0).reduce(0) { $0 + $1.0 * $1.1 } }
      return cosines.count { $0 >= cosines[row] }
    }
    func recall(_ most: Int) -> Double { Double(ranks.count { $0 <= most }) / 16 }
    let wanted = [ranks.reduce(0) { $0 + 1 / Double($1) } / 16, recall(1), recall(3), 1]
    let options = ["dev.jsonl", "--text", "t", "--pair", "p", "--metrics", Self.names.joined(separator: ",")]
    for label in ["score", ""] {
      let evaluated = try run.command(["evaluate", "out/models/last", "--label", label] + options)
      try #require(evaluated.status == 0, "\(evaluated.error)")
      let figures = try object(evaluated.output)
      for (name, value) in zip(Self.names, wanted) {
        let (own, other) = (figures[name] as? Double ?? .nan, logged[name] as? Double ?? .nan)
        #expect(abs(own - value) < 1e-12 && abs(other - value) < 1e-12, "\(name): \(own), \(other), not \(value)")
      }
    }
    #expect(ranks.contains { $0 > 1 } && ranks.contains { $0 <= 3 }, "\(ranks)")
    if Command.hasLauncher {
      let two = try run.train("--set", metrics, "--output", "two", ranks: 2).run()
      #expect(two.status == 0, "\(two.error)")
      var other = run
      other.output = "two"
      for name in Self.names + ["loss", "spearman"] {
        let own = run.evaluations.map { $0[name] as? Double }
        #expect(own == other.evaluations.map { $0[name] as? Double } && !own.contains(nil), "\(name)")
      }
    }
    let cosent = try run.train(
      "--set", "task.loss=cosent", "--set", "task.symmetric=null", "--set", "evaluate.metrics=[mrr]", "--output", "no"
    ).run()
    #expect(
      cosent.status == 2 && cosent.error.contains("names mrr, which is not a metric of similarity"), "\(cosent.error)")
  }
}
