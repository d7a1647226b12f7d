import Testing

@Suite("What is frozen")
struct FreezingTests {
  private func run() throws -> TinyRun {
    let run = try TinyRun()
    try run.changeRecipe("labels: 2", "labels: 2\n  freeze: [bert.embeddings]")
    try run.changeRecipe(
      "clip: 1.0", "clip: 1.0\ntechniques: {freeze: [{paths: [bert.encoder.layer.0], until_step: 12}]}")
    return run
  }

  @Test("is listed without training, for every stretch of steps and for every parameter")
  func check() throws {
    let run = try run()
    let outcome = try Command("recipe", "check", run.recipe, "--parameters", in: run.folder).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("frozen from step 1: bert.embeddings, bert.encoder.layer.0 (") })
    #expect(lines.contains { $0.hasPrefix("frozen from step 13: bert.embeddings (") })
    #expect(lines.contains("frozen   bert.encoder.layer.0.output.dense.weight  [32, 64]"))
    #expect(lines.contains("trained  bert.encoder.layer.1.output.dense.weight  [32, 64]"))
  }

  @Test("is said when a run begins and when it changes, and logged")
  func told() throws {
    let run = try run()
    let outcome = try run.train().run()
    #expect(outcome.status == 0)
    let told = outcome.error.split(separator: "\n").filter { $0.hasPrefix("frozen from step") }
    #expect(told.count == 2 && told.last?.hasPrefix("frozen from step 13: bert.embeddings (") == true, "\(told)")
    let logged = run.metrics.compactMap { line in (line["frozen"] as? [String]).map { (line["step"] as? Int, $0) } }
    #expect(logged.map(\.0) == [1, 13])
    #expect(logged.map(\.1) == [["bert.embeddings", "bert.encoder.layer.0"], ["bert.embeddings"]])
  }
}
