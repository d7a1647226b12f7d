import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Recipes
import Scores
import Tasks
import Techniques
import Tensors
import Text
import Training

/// From a recipe to the parts of a run: the only place that knows every model, optimizer and technique.
public struct RunAssembly {
  public let recipe: Recipe
  public let parts: TrainingParts
  public let settings: TrainingSettings
  public let exporter: any ModelExporter
  /// Memory and threads, shared by trainer and optimizer.
  public let engine: Tensors.Engine
  /// What the user should know but need not act on, such as a head that starts from random values.
  public let notes: [String]
  /// The classes, in the order of the scores, with the number of training rows of each.
  public let classes: [ClassCount]
  /// The same in words.
  public let targets: TargetSummary
  /// What is learned of a row.
  public let task: any LearningTask
  /// What was counted in the rows of a text classifier.
  public let rowFacts: RowFacts?

  /// All rows and the names of their classes, whichever fold is trained on.
  let allRows: (train: any Dataset, labels: [String]?)

  /// The rows of the fold that is not trained on.
  public let heldOut: (any Dataset)?

  /// - Parameters:
  ///   - fold: trains on all rows but those of one fold of several.
  ///   - place: this process among the ranks, by which `optimizer.sharded` gives it its part of the moments; nil for all.
  ///   - tasks: of the program's own, that `task.kind` may name.
  ///   - measures: of the program's own, that `evaluate.metrics` and `evaluate.best` may name.
  /// - Throws: `RecipeError`, or an error of the data or the model that names file and row.
  public init(
    _ recipe: Recipe, threads: Int, fold: (index: Int, count: Int)? = nil, place: (rank: Int, ranks: Int)? = nil,
    tasks own: [any LearningTask.Type] = [], measures: [Measure] = []
  ) throws {
    self.recipe = recipe
    let tasks = TaskKinds(own: own)
    engine = Engine(threads: threads, numerics: recipe.numerics)
    let material: Material =
      switch recipe.model.kind {
      case .textClassifier: try TextMaterial(recipe, tasks).material
      case .imageClassifier: try ImageMaterial(recipe, tasks).material
      }
    task = material.task
    let names = task.head.names ?? (0..<task.outputs).map { String($0) }
    allRows = (material.train, names)
    let rows = try RowSplit(
      train: material.train, validation: material.validation, facts: material.facts, recipe, fold: fold
    ).learned(by: task, seed: recipe.seed)
    let train = task.labelsPieces ? rows.train.labellingPieces : rows.train
    heldOut = rows.heldOut
    targets = task.summary(of: rows.train)
    classes = targets.counts
    rowFacts = rows.facts
    let plan = try BatchPlan(
      rowCount: train.rowCount, lengths: train.lengths,
      batchSize: recipe.batch.size, microbatchSize: recipe.batch.microbatch, buckets: recipe.batch.buckets,
      seed: recipe.seed, shuffle: true)
    settings = try Self.settings(recipe, of: task, measures, plan, threads: threads)
    try Self.freeze(material.state, recipe)
    let schedule = try recipe.schedule.schedule(
      totalSteps: settings.totalSteps, stepsPerEpoch: plan.stepsPerEpoch, source: recipe.source)
    let cycle = recipe.schedule.momentum(totalSteps: settings.totalSteps)
    let shards = place.flatMap { rank, ranks in
      recipe.optimizer.isSharded ? OptimizerShards(material.state.layout, rank: rank, of: ranks) : nil
    }
    var parts = TrainingParts(
      model: material.model, state: material.state, dataset: train, task: task, plan: plan,
      optimizer: recipe.optimizer.optimizer(
        for: material.state, range: shards?.own, cycle: cycle, workers: engine.workers),
      learningRate: { [base = recipe.optimizer.learningRate] in schedule.learningRate(at: $0, base: base) })
    parts.shards = shards
    parts.validation = rows.validation
    parts.statistics = recipe.model.statistics
    parts.momentum = cycle.map { cycle in { cycle.momentum(at: $0) } }
    parts.weightDecay = recipe.optimizer.weightDecay
    parts.clip = recipe.clip.map { Clipping(maximum: $0) }
    if !recipe.model.freeze.isEmpty { parts.frozenPaths = { [paths = recipe.model.freeze] _ in paths } }
    if recipe.precision == .fp16 { parts.scaler = GradientScaler() }
    var techniques = TechniqueAssembly(
      recipe.techniques, schedule: schedule, learningRate: recipe.optimizer.learningRate,
      totalSteps: settings.totalSteps)
    techniques.frozen = recipe.model.freeze
    techniques.dropoutSamples = recipe.model.head.dropouts?.count ?? 1
    let idle = IdleKeys(
      recipe, steps: settings.totalSteps, stepsPerEpoch: plan.stepsPerEpoch, hasValidation: rows.validation != nil)
    notes = material.notes + rows.notes + (try techniques.install(in: &parts)) + idle.notes
    try Self.check(parts.averages, recipe)
    if recipe.evaluate.weights == .averages, parts.averages.isEmpty {
      throw RecipeError(
        source: recipe.source, key: "evaluate.weights",
        problem: "is averages, and no technique keeps one; add techniques.ema or techniques.swa, or leave it out")
    }
    self.parts = parts
    exporter = material.exporter
  }

  /// - Throws: `RecipeError` where an average falls on steps after which ranks do not hold the same weights.
  private static func check(_ averages: [any WeightAverage], _ recipe: Recipe) throws {
    let interval = recipe.reduction.every
    for case let average as SWA in averages where average.start % interval + average.every % interval > 0 {
      throw RecipeError(
        source: recipe.source, key: "techniques.swa",
        problem: "starts at step \(average.start), every \(average.every), and ranks hold the same weights every"
          + " \(interval) steps (reduction.every); give multiples of \(interval)")
    }
  }

  private static func settings(
    _ recipe: Recipe, of task: any LearningTask, _ own: [Measure], _ plan: BatchPlan, threads: Int
  ) throws -> TrainingSettings {
    var settings = TrainingSettings(seed: recipe.seed, totalSteps: try totalSteps(recipe, plan))
    settings.precision = recipe.precision
    settings.recomputesLayers = recipe.model.recomputesLayers
    settings.threads = threads
    settings.evaluateEvery = recipe.evaluate.every
    settings.evaluationBatch = recipe.evaluate.batch
    (settings.measures, settings.best) = try measures(of: task, own, recipe.evaluate, source: recipe.source)
    settings.patience = recipe.evaluate.patience
    settings.evaluatedWeights = recipe.evaluate.weights
    settings.compareReplicasEvery = recipe.verify.replicas
    return settings
  }

  /// - Throws: `RecipeError` where a part to freeze is not one of the model.
  private static func freeze(_ state: ModelState, _ recipe: Recipe) throws {
    if recipe.model.freeze.contains("") {
      throw RecipeError(
        source: recipe.source, key: "model.freeze",
        problem: "names a part without a name; give a module or a parameter, or leave it out")
    }
    guard let path = state.freeze(recipe.model.freeze).first else { return }
    throw RecipeError(
      source: recipe.source, key: "model.freeze",
      problem: "names \(path), which is not a module or parameter of the model;"
        + " see the names with lockstep recipe check")
  }

  private static func totalSteps(_ recipe: Recipe, _ plan: BatchPlan) throws -> Int {
    switch recipe.length {
    case .steps(let steps): return steps
    case .epochs(let epochs):
      guard epochs <= RecipeValue.largestInteger / plan.stepsPerEpoch else {
        throw RecipeError(
          source: recipe.source, key: "epochs",
          problem: "is \(epochs), of \(plan.stepsPerEpoch) steps each, and a run has at most"
            + " \(RecipeValue.largestInteger) steps; give fewer")
      }
      return epochs * plan.stepsPerEpoch
    }
  }

  /// The measures of each evaluation, that of the best model among them, and its name.
  private static func measures(
    of task: any LearningTask, _ own: [Measure], _ evaluate: EvaluationRecipe, source: String
  ) throws -> (measures: [Measure], best: String) {
    let names = evaluate.metrics ?? task.usualMeasures
    let measures = try task.measures(names.filter { $0 != "loss" }, own: own, source: source, key: "evaluate.metrics")
    let best = evaluate.best ?? names.first ?? "loss"
    guard best != "loss", let chosen = try task.measures([best], own: own, source: source, key: "evaluate.best").first
    else {
      return (measures, "loss")
    }
    return (measures + (measures.contains { $0.name == chosen.name } ? [] : [chosen]), chosen.name)
  }
}
