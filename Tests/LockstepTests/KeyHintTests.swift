import Lockstep
import TestSupport
import Testing

/// Keys under the names that other programs give them, or in another section.
@Suite struct KeyHintTests {
  private static func problem(_ assignment: String) throws -> String {
    var document = try RecipeDocument(yaml: "model: {from: m}\ndata: {train: a.tsv}", source: "r.yaml")
    try document.set(assignment)
    do {
      let recipe = try Recipe(document)
      var parts = try TinyBert.parts(microbatch: 4)
      _ = try TechniqueAssembly(recipe.techniques, schedule: .constant(), learningRate: 1, totalSteps: 5)
        .install(in: &parts)
      return ""
    } catch {
      return String(describing: error)
    }
  }

  @Test(
    "the key that was meant is named, wherever it lies",
    arguments: [
      ("learning_rate=3", "optimizer.learning_rate"), ("optimizer.lr=3", "optimizer.learning_rate"),
      ("lr=3", "optimizer.learning_rate"), ("max_lr=3", "optimizer.learning_rate"),
      ("optimizer.learning_rte=3", "learning_rate"), ("weight_decay=0", "optimizer.weight_decay"),
      ("adam_beta1=0.8", "optimizer.betas"), ("adam_epsilon=1", "optimizer.epsilon"), ("optim=adamw", "optimizer.kind"),
      ("max_length=64", "data.maximum_length"), ("data.max_length=64", "data.maximum_length"),
      ("max_seq_length=64", "data.maximum_length"), ("batch_size=8", "batch.size"),
      ("batch.batch_size=8", "batch.size"),
      ("per_device_train_batch_size=8", "batch.microbatch"), ("gradient_accumulation_steps=2", "batch.microbatch"),
      ("batch.accumulation_steps=2", "batch.microbatch"), ("num_epochs=2", "epochs"), ("num_train_epochs=2", "epochs"),
      ("epoch=2", "epochs"), ("max_steps=5", "steps"), ("dropout=0.1", "model.configuration"),
      ("hidden_size=64", "model.configuration"), ("warmup_ratio=0.1", "schedule.warmup"),
      ("warmup_steps=5", "schedule.warmup"), ("optimizer.warmup=5", "schedule.warmup"), ("warmup=5", "schedule.warmup"),
      ("lr_scheduler_type=cosine", "schedule.kind"), ("scheduler=cosine", "schedule.kind"),
      ("max_grad_norm=1", "clip"), ("fp16=true", "precision"), ("num_labels=3", "model.labels"),
      ("model_name_or_path=x", "model.from"), ("eval_steps=5", "evaluate.every"), ("save_steps=5", "checkpoint.every"),
      ("save_total_limit=5", "checkpoint.keep"), ("early_stopping_patience=2", "evaluate.patience"),
      ("metric_for_best_model=f1", "evaluate.best"), ("label_smoothing=0.1", "techniques.label_smoothing"),
      ("ema=true", "techniques.ema"), ("fgm={}", "techniques.fgm"), ("techniques.fgm.eps=1", "techniques.fgm.epsilon"),
      ("techniques.rdrop={}", "techniques.r_drop"), ("train_file=x", "data.train"),
      ("text_column=x", "data.columns.text"),
      ("num_workers=3", "threads"), ("batch.sise=8", "size"), ("maximum_lenght=8", "data.maximum_length"),
      ("schedule.lr_end=0", "schedule.final"), ("schedule.betas=1", "optimizer.betas"),
      ("microbatch=4", "batch.microbatch"),
    ])
  func hints(assignment: String, key: String) throws {
    let problem = try Self.problem(assignment)
    #expect(problem.contains("is not a known key"), "\(problem)")
    #expect(problem.contains("did you mean \"\(key)\""), "\(problem)")
  }

  @Test(
    "what is an option of a command is said to be one",
    arguments: [("output_dir=x", "--output"), ("resume=a", "--resume")])
  func options(assignment: String, option: String) throws {
    #expect(try Self.problem(assignment).contains(option))
  }

  @Test("accumulation is explained by the keys that express it")
  func accumulation() throws {
    #expect(try Self.problem("gradient_accumulation_steps=4").contains("batch.microbatch = batch.size / N / ranks"))
  }

  @Test("a path with dots as a key of the file is nested")
  func dots() throws {
    let document = try RecipeDocument(
      yaml: "model: {from: m}\ndata: {train: a.tsv}\noptimizer.learning_rate: 3", source: "r.yaml")
    let error = #expect(throws: RecipeError.self) { try Recipe(document) }
    #expect(error?.description.contains("write learning_rate below optimizer") == true, "\(error as Any)")
  }

  @Test("every synonym leads to a key that there is, and is not a key at the top itself")
  func synonyms() {
    let paths = Set(RecipeGuide.keys.map(\.path))
    for synonym in KeySynonym.all {
      if let path = synonym.path { #expect(paths.contains(path), "\(path)") }
      for name in synonym.names { #expect(!paths.contains(name), "\(name)") }
    }
    let names = KeySynonym.all.flatMap(\.names)
    #expect(Set(names).count == names.count, "a name stands for two keys")
  }

  @Test("recipe explain answers with the same hints")
  func explain() {
    for (word, key) in [("lr", "optimizer.learning_rate"), ("optimizer.lr", "optimizer.learning_rate")] {
      let error = #expect(throws: RecipeError.self) { try RecipeGuide.keys(under: word) }
      #expect(error?.description.contains("did you mean \"\(key)\"") == true, "\(error as Any)")
    }
  }
}
