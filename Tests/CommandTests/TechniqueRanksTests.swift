import Testing

@Suite("Techniques under mpirun", .serialized, .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct TechniqueRanksTests {
  static let combinations = [
    "{r_drop: {}, fgm: {}, ema: {decay: 0.9}}",
    "{pgd: {scope: microbatch}, swa: {start: 2, every: 2}, label_smoothing: {}}",
    "{awp: {start_epoch: 0}, self_distillation: {decay: 0.9}}",
    "{fgm: {scope: example}, multi_sample_dropout: {}, focal_loss: {}, freeze: [{paths: [bert.embeddings], until_step: 3}]}",
  ]

  @Test("give the losses, the weights and the averages of one process, to the last bit", arguments: combinations)
  func sameBits(techniques: String) throws {
    let more = [
      "--set", "techniques=\(techniques)", "--set", "steps=6", "--set", "optimizer.lookahead={steps: 2}",
      "--set", "model.multi_sample_dropout=[0.1, 0.3]",
    ]
    var runs: [TinyRun] = []
    for ranks in [nil, 2, 4] {
      let run = try TinyRun()
      var command = run.train(ranks: ranks)
      command.arguments += more
      let outcome = try command.run()
      try #require(outcome.status == 0, "\(outcome.error)")
      runs.append(run)
    }
    let models = runs.map { $0.folder.contents(below: "out/models").filter { $0.key.hasSuffix("safetensors") } }
    #expect(models[0].count >= 2)
    for other in 1...2 {
      #expect(runs[other].losses == runs[0].losses)
      for (name, bytes) in models[0] { #expect(models[other][name]?.hashValue == bytes.hashValue, "\(name)") }
    }
  }
}
