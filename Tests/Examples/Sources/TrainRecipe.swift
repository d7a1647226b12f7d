import Lockstep

/// What `lockstep train` does, in code: a recipe is read, trained with evaluations and checkpoints, and its model used.
/// Under mpirun each process is a rank.
enum TrainRecipe {
  static func run(recipe path: String, output: String) throws {
    let recipe = try Recipe(RecipeDocument(contentsOfFile: path, overrides: ["threads=1"]))
    let assembly = try RunAssembly(recipe, threads: 1)
    let group = try LaunchedGroup.join()
    let summary = try train(assembly, group, RunDirectory(path: output))
    try group.leave()
    if group.rank == 0 {
      print("trained \(summary.steps) steps on \(summary.ranks) ranks, best \(summary.bestMetric) \(summary.best ?? 0)")
      try use(output + "/models/best", recipe)
    }
  }

  static func train(
    _ assembly: RunAssembly, _ group: any Group, _ directory: RunDirectory
  ) throws -> RunSummary {
    try directory.create()
    let trainer = Trainer(
      parts: assembly.parts, settings: assembly.settings,
      replicas: DataParallelGroup(group, reduction: assembly.recipe.reduction), engine: assembly.engine)
    let run = TrainingRun(
      trainer: trainer, directory: directory, exporter: assembly.exporter,
      keeper: CheckpointKeeper(directory: directory, recipe: assembly.recipe),
      observers: group.rank == 0 ? [MetricsLog(path: directory.metrics), ProgressBar(), Milestones()] : [],
      isStopRequested: { false })
    return try run.run(resume: .auto, notes: assembly.notes)
  }

  private static func use(_ model: String, _ recipe: Recipe) throws {
    let predictor = try Predictor(directory: model)
    if let validation = recipe.data.validation {
      let rows = try predictor.rows(validation, columns: recipe.data.columns, isLabelled: true)
      let figures = try predictor.evaluate(rows, metrics: ["accuracy", "f1"])
      print("\(figures.rows) rows:", figures.metrics.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
    }
    let texts = try predictor.rows(Table([("a fine film", nil)], source: "example"))
    for prediction in try predictor.predict(texts) { print(prediction.label, prediction.probabilities) }
  }
}

/// An observer of one's own: it sees everything that happens, and changes nothing.
final class Milestones: Observer {
  func observe(_ event: TrainingEvent) {
    if case .evaluation(let report) = event { print("step \(report.step): loss \(report.loss)") }
  }
}
