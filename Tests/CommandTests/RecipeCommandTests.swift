import Foundation
import Testing

@Suite("A recipe on the command line")
struct RecipeCommandTests {
  private static func recipe(_ run: TinyRun, _ arguments: String...) throws -> Shell.Outcome {
    var command = Command("recipe", in: run.folder)
    command.arguments += arguments
    return try command.run()
  }

  @Test("recipe check refuses what train refuses, in the same words", arguments: BadRecipeTests.recipes)
  func check(_ input: BadInput) throws {
    let run = try TinyRun()
    try input.prepare(run)
    let (trained, checked) = (try run.train().run(), try Self.recipe(run, "check", run.recipe))
    #expect(checked.status == 2 && trained.status == 2, "\(checked) \(trained)")
    #expect(checked.error == trained.error)
  }

  @Test("recipe check says what the run begins with, in the same lines")
  func banner() throws {
    let run = try TinyRun()
    let lines = try Self.recipe(run, "check", run.recipe).output.split(separator: "\n")
    let begun = try run.train("--set", "steps=1", "--set", "schedule.warmup=0").run().error.split(separator: "\n")
    let rows = try #require(begun.firstIndex { $0.hasPrefix("rows ") })
    #expect(lines.contains(begun[rows]) && lines.contains(begun[rows + 1]), "\(lines)")
    #expect(lines.contains("steps       30, 2.50 epochs of 12 steps, batch 8 in microbatches of 2"), "\(lines)")
  }

  @Test(
    "numbers that no run can use end with status 2 and the key's name",
    arguments: [
      "epochs=9223372036854775807", "steps=9223372036854775807", "steps=2000000001", "model.labels=1000000000",
      "model.configuration.hidden_size=1073741824", "model.configuration.num_hidden_layers=100000",
      "model.configuration.vocab_size=9999999999", "batch.buckets=9223372036854775807", "batch.size=1000000000",
      "batch.microbatch=9223372036854775807", "threads=1000000000", "data.maximum_length=9223372036854775807",
      "data.limit=9223372036854775807", "evaluate.every=9223372036854775807", "evaluate.batch=9223372036854775807",
      "seed=9223372036854775808", "schedule.warmup=1e10", "model.configuration.hidden_dropout_prob=.nan",
    ])
  func numbers(assignment: String) throws {
    let run = try TinyRun()
    for words in [["recipe", "check", run.recipe], ["train", run.recipe, "--output", "out"]] {
      var command = Command(words[0], in: run.folder)
      command.arguments += words.dropFirst()
      command.arguments += ["--set", assignment]
      let outcome = try command.run()
      #expect(outcome.status == 2, "\(outcome)")
      let key = assignment.split(separator: "=")[0].split(separator: ".").last ?? ""
      #expect(outcome.error.contains(key) && outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }
    #expect(run.folder.contents(below: "out").isEmpty, "the output folder was written to")
  }

  @Test("the largest numbers that are taken hang nothing")
  func largest() throws {
    let run = try TinyRun()
    let outcome = try Self.recipe(
      run, "check", run.recipe, "--set", "steps=2000000000", "--set", "batch.buckets=1000000", "--set",
      "batch.size=1000000",
      "--set", "techniques.freeze=[{paths: [bert.embeddings], until_step: 1000000000}]", "--set", "checkpoint.every=5")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("frozen from step 1000000001: "), "\(outcome.output)")
  }

  @Test("a bomb of aliases ends within a second, with status 2 and one line")
  func aliasBomb() throws {
    let run = try TinyRun()
    var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for (name, before) in zip("bcdefghij", "abcdefghi") {
      text += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 9).joined(separator: ",") + "]\n"
    }
    try run.folder.write(text, to: "bomb.yaml")
    let clock = ContinuousClock()
    let started = clock.now
    let outcome = try Self.recipe(run, "check", "bomb.yaml")
    #expect(clock.now - started < .seconds(60), "slower than a start of the program should be")
    #expect(outcome.status == 2 && outcome.error.split(separator: "\n").count == 1, "\(outcome)")
    #expect(outcome.error.contains("bomb.yaml, line 1: has &a, an anchor or alias"), "\(outcome.error)")
  }

  /// The rates that a run used, from its metrics.
  private static func rates(_ settings: String...) throws -> [Double] {
    let run = try TinyRun()
    try run.changeRecipe("schedule: {kind: linear, warmup: 0.1}\n", "")
    try run.changeRecipe("optimizer: {kind: adamw, learning_rate: 1.0e-3}\n", "")
    var command = run.train("--set", "optimizer.learning_rate=0.1")
    command.arguments += settings.flatMap { ["--set", $0] }
    let outcome = try command.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return run.metrics.compactMap { $0["learning_rate"] as? Double }
  }

  @Test("a run of ten steps has the rates of OneCycleLR(total_steps=10)")
  func oneCycle() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Vectors/schedules/torch.json")
    let reference = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let cycles = try #require(reference["one_cycle"] as? [[String: Any]])
    let expected = try #require(cycles.first { $0["total"] as? Int == 10 }?["learning_rates"] as? [Double])
    let rates = try Self.rates("steps=10", "schedule.kind=one_cycle")
    #expect(rates.count == 10 && zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(rates)")
  }

  @Test("with unit epoch a run's rates are those of its epochs, each twelve times")
  func epochs() throws {
    let rates = try Self.rates("epochs=3", "schedule.kind=cosine_annealing", "schedule.unit=epoch")
    // CosineAnnealingLR(T_max=3): 1, 3/4, 1/4 of the rate.
    let expected = [0.1, 0.075, 0.025].flatMap { Array(repeating: $0, count: 12) }
    #expect(rates.count == 36 && zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(rates)")
    let warmed = try Self.rates("steps=30", "schedule.kind=linear", "schedule.unit=epoch", "schedule.warmup=1")
    #expect(warmed.prefix(12).allSatisfy { $0 == 0 } && warmed.dropFirst(12).prefix(12).allSatisfy { $0 == 0.1 })
    #expect(warmed.suffix(6).allSatisfy { abs($0 - 0.05) < 1e-9 }, "\(warmed.suffix(6))")
  }

  @Test("steps on the command line take the place of epochs in the file, and the recipe as followed has one of them")
  func lengths() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "epochs=1").run()
    #expect(outcome.status == 0 && run.loggedSteps.count == 12, "\(outcome.error)")
    let followed = try run.folder.read("out/recipe.yaml")
    #expect(followed.contains("epochs: 1") && !followed.contains("steps: 30"), "\(followed)")
  }

  @Test("recipe explain begins sentences with a capital, and leaves commands, values and files as they are typed")
  func explain() throws {
    let run = try TinyRun()
    let freeze = try Self.recipe(run, "explain", "model.freeze").output
    #expect(freeze.contains("below them. lockstep recipe check --parameters lists the names."), "\(freeze)")
    #expect(freeze.contains("    Modules or parameters"), "\(freeze)")
    #expect(try Self.recipe(run, "explain", "optimizer.kind").output.contains(" adamw for transformers, sgd for"))
    let awp = try Self.recipe(run, "explain", "techniques.awp.start_epoch").output
    #expect(awp.contains("The first epoch with it, counted from 0"), "\(awp)")
    let everything = try Self.recipe(run, "explain").output
    #expect(!everything.contains("Lockstep recipe") && !everything.contains("Lockstep train"))
  }
}
