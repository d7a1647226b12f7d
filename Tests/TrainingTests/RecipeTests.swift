import Data
import Recipes
import Testing

@Suite struct RecipeTests {
  private static let minimal = """
    model: {from: a-model, labels: 2}
    data: {train: rows.tsv}
    """

  private func recipe(_ lines: String..., set overrides: [String] = []) throws -> Recipe {
    var document = try RecipeDocument(yaml: ([Self.minimal] + lines).joined(separator: "\n"), source: "r.yaml")
    for override in overrides { try document.set(override) }
    return try Recipe(document)
  }

  @Test("what a recipe leaves out has the documented defaults")
  func defaults() throws {
    let recipe = try recipe()
    #expect(recipe.seed == 2021)
    #expect(recipe.length == .epochs(3))
    #expect(recipe.batch.size == 32 && recipe.batch.microbatch == 4)
    #expect(recipe.optimizer.learningRate == 2e-5 && recipe.optimizer.weightDecay == 0.01)
    #expect(recipe.reduction == .ring)
    #expect(recipe.precision == .fp32)
    #expect(recipe.data.columns == ColumnMapping(text: "sentence"))
  }

  @Test(
    "the usual microbatch divides the batch, has at most 16 rows, and is one of 8 or more as far as the batch allows",
    arguments: [1, 7, 8, 20, 24, 32, 33, 64, 128, 509, 512])
  func usualMicrobatch(size: Int) throws {
    let batch = try recipe("batch: {size: \(size)}").batch
    #expect(size % batch.microbatch == 0 && batch.microbatch <= 16)
    #expect(size / batch.microbatch >= min(8, size))
  }

  @Test(
    "a wrong recipe is one line that names the file, the key and what to do",
    arguments: [
      ("batches: {size: 3}", "r.yaml: batches is not a known key; did you mean \"batch\"?"),
      ("optimizer: {learning_rte: 1}", "optimizer.learning_rte is not a known key in optimizer; did you mean"),
      ("optimizer: {kind: adam}", "optimizer.kind is \"adam\"; give one of adamw, sgd; did you mean \"adamw\"?"),
      ("optimizer: {learning_rate: fast}", "optimizer.learning_rate is \"fast\", which is not a number; give one"),
      ("optimizer: {kind: sgd, momentum: 1}", "optimizer.momentum is 1; give a value from"),
      ("batch: {size: 10, microbatch: 4}", "batch.microbatch is 4, which does not divide batch.size 10; give a di"),
      ("batch: [3]", "batch is not a mapping"),
      ("epochs: 1\nsteps: 2", "steps is given next to epochs; keep one of them"),
      ("steps: 0", "steps is 0; give at least 1"),
      ("clip: -1", "clip is -1; give a number above 0, or leave it out"),
      ("seed: 1.5", "seed is \"1.5\", which is not a whole number; give one"),
      ("reduction: tree", "reduction is \"tree\"; give one of ring, ordered, hierarchical, mpi"),
      ("reduction: {kind: tree}", "reduction.kind is \"tree\"; give one of ring, ordered, hierarchical, mpi"),
      ("reduction: {kin: ring}", "reduction.kin is not a known key in reduction; did you mean \"kind\"?"),
      ("reduction: {every: 0}", "reduction.every is 0; give at least 1"),
      ("reduction: {kind: ordered, every: 4}", "reduction.kind is ordered, the same bits at any number of ranks, whi"),
      ("reduction: {outer: {momentum: 0, nesterov: true}}", "reduction.outer.nesterov needs a momentum above 0"),
      ("precision: fp16\nreduction: {every: 4}", "precision is fp16, whose loss scale moves, beside reduction.ev"),
      ("optimizer: {lookahead: {}}\nreduction: {outer: {}}", "optimizer.lookahead is an outer step of its own"),
      ("reduction: {kind: ordered, wire: int8}", "reduction.wire is int8 next to kind ordered, and fewer"),
      ("precision: fp16\nreduction: {wire: bf16}", "precision is fp16, whose loss scale moves, beside reduction.ev"),
      ("evaluate: {every: 0}", "evaluate.every is 0; give at least 1"),
      ("threads: 0", "threads is 0; give at least 1"),
    ])
  func wrong(line: String, message: String) throws {
    let error = try #require(throws: RecipeError.self) { try recipe(line) }
    #expect(error.description.contains(message), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test("a reduction is a word, or a mapping with the word as its kind", arguments: ["ordered", "{kind: ordered}"])
  func reduction(text: String) throws {
    let reduction = try recipe("reduction: \(text)").reduction
    #expect(reduction == .ordered && reduction.description == "ordered")
  }

  @Test("a reduction says itself as a recipe does")
  func reductionText() throws {
    for text in [
      "{wire: int8}", "{wire: bf16, every: 4}", "{every: 16}", "{every: 16, outer: {}}", "{kind: mpi}",
      "{outer: {momentum: 0, nesterov: false}}",
    ] {
      let reduction = try recipe("reduction: \(text)").reduction
      #expect(try recipe("reduction: \(reduction)").reduction == reduction)
    }
    #expect(try recipe("reduction: {every: 16}").reduction.outer == .mean)
    #expect(try recipe("reduction: {outer: {}}").reduction == .init(.ring, every: 1, outer: .init()))
  }

  @Test("a missing section, a list for a recipe and broken YAML are errors that name the file")
  func broken() throws {
    for yaml in ["data: {train: x}", "- 1", "model: {a: [", "model: 3", ""] {
      let error = try #require(throws: RecipeError.self) {
        try Recipe(RecipeDocument(yaml: yaml, source: "r.yaml"))
      }
      #expect(error.description.hasPrefix("r.yaml"), "\(error)")
    }
  }

  @Test("--set changes, adds and removes keys, with the types of YAML")
  func overrides() throws {
    let recipe = try recipe(
      "epochs: 3", set: ["steps=7", "optimizer.learning_rate=1e-3", "optimizer.betas=[0.8, 0.9]"])
    #expect(recipe.length == .steps(7))
    #expect(recipe.optimizer.learningRate == 1e-3)
    #expect(recipe.optimizer.betas == (0.8, 0.9))
    #expect(throws: RecipeError.self) { try self.recipe(set: ["steps"]) }
    #expect(throws: RecipeError.self) { try self.recipe(set: ["model.labels.x=3"]) }
  }

  @Test("a wrong value of --set is answered with the assignment, the key and the type that it needs")
  func wrongOverrides() {
    for (assignment, message) in [
      ("batch.size=many", "batch.size is \"many\", which is not a whole number; give one"),
      ("batch={size: 8, microbatch: 3}", "batch.microbatch is 3, which does not divide batch.size 8; give a divisor"),
      ("optimizer.nesterov=perhaps", "optimizer.nesterov is \"perhaps\"; give true or false"),
      ("optimizer.betas=[0.9, x]", "optimizer.betas holds \"x\", which is not a number; give one"),
      ("clip=[1]", "clip is a list, which is not a number; give one"),
      ("schedule=fast", "schedule is not a mapping; write keys with values below it"),
      ("optimizer.lr=1", "optimizer.lr is not a known key in optimizer"),
    ] {
      let error = #expect(throws: RecipeError.self) { try recipe("seed: 3", set: ["threads=1", assignment]) }
      #expect(error?.description.hasPrefix("--set \(assignment): \(message)") == true, "\(error as Any)")
    }
  }

  @Test("recipes that mean the same have one canonical text, others have not")
  func canonicalText() throws {
    let first = try RecipeDocument(yaml: "seed: 1\nsteps: 2", source: "a").canonicalText
    #expect(try RecipeDocument(yaml: "{steps: 2, seed: 1}", source: "b").canonicalText == first)
    #expect(try RecipeDocument(yaml: "{steps: 3, seed: 1}", source: "b").canonicalText != first)
  }
}
