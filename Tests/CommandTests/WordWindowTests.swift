import Foundation
import Testing

/// Texts whose words are labelled and that are longer than the model reads.
@Suite("Long texts of words")
struct WordWindowTests {
  private static let words = [
    "a", "fine", "film", "dull", "plot", "good", "fun", "bad", "jokes", "and", "worse", "scenes",
  ]

  /// 1 to 39 words.
  private static func row(_ row: Int) -> String {
    let count = 1 + 7 * row % 39
    let own = (0..<count).map { place in words[(3 * row + place * place) % words.count] }
    let tags = own.map { $0.count > 4 ? "B-long" : "O" }
    return "{\"tokens\": \(own), \"tags\": \(tags)}"
  }

  private func run(_ task: String) throws -> TinyRun {
    let run = try TinyRun()
    try run.read(Self.row, columns: "{text: tokens, label: tags}", task: task)
    try run.changeRecipe("maximum_length: 24", "maximum_length: 12\n  windows: {stride: 4}")
    return run
  }

  @Test(
    "are trained on in windows, are evaluated to what the run logged, and have a tag for each word",
    arguments: ["{kind: token-classification}", "{kind: token-classification, crf: true}"])
  func endToEnd(task: String) throws {
    let run = try run(task)
    let trained = try run.train("--set", "techniques={fgm: {scope: example}, r_drop: {}}").run()
    try #require(trained.status == 0, "\(trained.error)")
    #expect(
      trained.error.contains("are read in windows, up to 6 a row, each word in that with most context"),
      "\(trained.error)")
    #expect(trained.error.contains("the words of a row's windows are put together here alone"), "\(trained.error)")
    let logged = try #require(run.evaluations.last)
    let options = ["--text", "tokens", "--label", "tags"]
    let evaluated = try run.command(["evaluate", "out/models/last", "dev.jsonl"] + options)
    #expect(evaluated.status == 0, "\(evaluated.error)")
    for (name, value) in try object(evaluated.output) where name != "rows" {
      guard let other = logged[name] as? Double, let value = value as? Double else { continue }
      #expect(abs(value - other) <= 1e-5 * max(1, abs(other)), "\(name): \(value), logged \(other)")
    }
    let predicted = try run.command(["predict", "out/models/last", "--input", "dev.jsonl", "--text", "tokens"])
    let counts = try predicted.output.split(separator: "\n").map { try (object($0)["tags"] as? [Any])?.count }
    #expect(counts == (48..<64).map { 1 + 7 * $0 % 39 })
    if Command.hasLauncher {
      let hash = try #require(run.weightsHash)
      let two = run.train("--set", "techniques={fgm: {scope: example}, r_drop: {}}", "--output", "two", ranks: 2)
      try #require(try two.run().status == 0)
      #expect(try run.folder.json("two/summary.json")["weights_sha256"] as? String == hash)
    }
  }
}
