import Testing

@Suite("A recipe that cannot be followed is refused")
struct BadRecipeTests {
  static let recipes: [BadInput] = [
    BadInput("an unknown key, with the nearest known one", "learning_rate:", "learning_rte:", says: "learning_rate"),
    BadInput("an unknown section", "schedule:", "shedule:", says: "shedule", "did you mean \"schedule\""),
    BadInput("an unknown technique", "clip: 1.0", "techniques: {fgmm: {epsilon: 1.0}}", says: "techniques.fgmm"),
    BadInput("an unknown kind", "kind: linear", "kind: lineal", says: "schedule.kind", "linear"),
    BadInput("steps beside epochs", "steps: 30", "steps: 30\nepochs: 2", says: "epochs", "keep one"),
    BadInput("no steps at all", "steps: 30", "steps: 0", says: "steps", "at least 1"),
    BadInput("a microbatch that does not divide", "microbatch: 2", "microbatch: 3", says: "batch.microbatch", "8"),
    BadInput("an unknown metric", "matthews", "mathews", says: "evaluate.metrics", "mathews", "matthews"),
    BadInput("an unknown best metric", "best: accuracy", "best: speed", says: "evaluate.best", "speed"),
    BadInput("text for a number", "size: 8", "size: many", says: "batch.size", "many"),
    BadInput("a negative learning rate", "1.0e-3", "-1.0e-3", says: "optimizer.learning_rate"),
    BadInput("a learning rate that is no number", "1.0e-3", ".nan", says: "optimizer.learning_rate"),
    BadInput("a seed below zero", "seed: 7", "seed: -7", says: "seed", "at least 0"),
    BadInput("a warm-up longer than the run", "warmup: 0.1", "warmup: 31", says: "schedule.warmup", "30"),
    BadInput("a clip of zero", "clip: 1.0", "clip: 0", says: "clip"),
    BadInput("a limit of zero", "maximum_length: 24", "limit: 0", says: "data.limit"),
    BadInput(
      "a part to freeze that is not there", "labels: 2", "labels: 2\n  freeze: [bert.pooller]", says: "bert.pooller"),
    BadInput("heads that do not divide", "heads: 2", "heads: 3", says: "num_attention_heads 3", "32"),
    BadInput("a width of zero", "hidden_size: 32", "hidden_size: 0", says: "hidden_size"),
    BadInput("no model", "model:\n", "modell:\n", says: "model"),
    BadInput("broken YAML", "batch: {size: 8,", "batch: {size: 8", says: "YAML"),
    BadInput("a key given twice", "seed: 7", "seed: 7\nseed: 8", says: "seed"),
    BadInput("a list for a section", "seed: 7", "seed: 7\nevaluation_: 1", says: "evaluation_"),
  ]

  @Test("in the file", arguments: recipes)
  func recipe(_ input: BadInput) throws { try input.expectRefusal() }

  static let commandLines: [BadInput] = [
    BadInput(
      "an override of an unknown key", says: "optimizer.learning_rat", "learning_rate",
      more: ["--set", "optimizer.learning_rat=1"]),
    BadInput("an override that is no assignment", says: "--set", "key.path=value", more: ["--set", "seed"]),
    BadInput("an override without a key", says: "--set", "has 0 parts", more: ["--set", ".=5"]),
    BadInput(
      "an override of endless depth", says: "--set", "has 9000 parts",
      more: ["--set", Array(repeating: "a", count: 9000).joined(separator: ".") + "=5"]),
    BadInput("an override below a value", says: "--set", "seed", more: ["--set", "seed.low=1"]),
    BadInput("a folder to resume from without checkpoints", says: "nowhere", more: ["--resume", "nowhere"]),
    BadInput("no recipe", says: "tiny.yaml", "cannot be read") { try $0.folder.remove("tiny.yaml") },
    BadInput("an empty recipe", says: "tiny.yaml") { try $0.folder.write("", to: "tiny.yaml") },
    BadInput("a recipe that is no text", says: "tiny.yaml", "UTF-8") { run in
      try run.folder.write([0x73, 0xFF, 0xFE, 0x00], to: "tiny.yaml")
    },
  ]

  @Test("on the command line", arguments: commandLines)
  func commandLine(_ input: BadInput) throws { try input.expectRefusal() }

  @Test("a recipe refused under mpirun ends the job with the same status", .enabled(if: Command.hasLauncher))
  func ranks() throws {
    let run = try TinyRun()
    try run.changeRecipe("microbatch: 2", "microbatch: 3")
    let outcome = try run.train(ranks: 2).run()
    #expect(outcome.status == 2, "\(outcome.error)")
    #expect(outcome.error.contains("batch.microbatch"))
  }
}
