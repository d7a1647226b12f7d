import ArgumentParser
import Foundation
import Lockstep

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train as a recipe says, in one process or as one rank under mpirun or srun.")

  @Argument(help: "The recipe, a YAML file.")
  var recipe: String

  @Option(name: .customLong("set"), help: "Overrides a key of the recipe: key.path=value. May be repeated.")
  var overrides: [String] = []

  @Option(help: "The folder for metrics, checkpoints and models.")
  var output = "output"

  @Option(
    help: "auto: go on from the newest valid checkpoint of the output folder, if there is one; never; or a folder.")
  var resume = "never"

  func run() throws {
    try reportingFailure {
      var document = try RecipeDocument(contentsOfFile: recipe)
      for override in overrides { try document.set(override) }
      let recipe = try Recipe(document)
      let directory = RunDirectory(path: output)
      StopRequest.catchSignals()
      var options = LaunchedGroup.Options()
      options.verdictFolder = directory.verdicts
      let group = try LaunchedGroup.join(options)
      try TrainingSession(recipe: recipe, directory: directory, group: group, resume: choice).run()
    }
  }

  private var choice: ResumeChoice {
    switch resume {
    case "auto": .auto
    case "never": .never
    default: .from(resume)
    }
  }
}

/// One rank's run of a recipe, from the first file to the last.
struct TrainingSession {
  let recipe: Recipe
  let directory: RunDirectory
  let group: any Group
  let resume: ResumeChoice

  func run() throws {
    do {
      try train()
      try group.leave()
    } catch {
      // The others must not wait for a rank that has given up.
      group.fail(String(describing: error))
      throw error
    }
  }

  private func train() throws {
    let threads = recipe.threads ?? Processor.threads(ranksOnHost: Processor.ranksOnHost(groupSize: group.size))
    let assembly = try Assembly(recipe, threads: threads)
    try agree()
    let isRoot = group.rank == 0
    if isRoot { try directory.create() }
    let progress = ProgressBar()
    if isRoot {
      for note in assembly.notes { progress.observe(.warning(note)) }
    }
    let replicas = Replicas(group, reduction: recipe.reduction)
    let trainer = Trainer(parts: assembly.parts, settings: assembly.settings, replicas: replicas)
    let run = TrainingRun(
      trainer: trainer, directory: directory, exporter: assembly.exporter,
      keeper: CheckpointKeeper(directory: directory, recipe: recipe),
      observers: isRoot ? [MetricsLog(path: directory.metrics), progress] : [],
      isStopRequested: { StopRequest.isRequested })
    let summary = try run.run(resume: resume)
    if isRoot { try finish(summary) }
  }

  /// - Throws: `GroupError` where the ranks do not follow the same recipe.
  private func agree() throws {
    let texts = try group.allGather(Array(recipe.canonicalText.utf8), name: "recipe", step: 0)
    guard let other = texts.firstIndex(where: { $0 != texts[0] }) else { return }
    throw GroupError.layout(
      reason: "rank \(other) follows another recipe than rank 0",
      advice: "start every rank with the same recipe and the same --set")
  }

  private func finish(_ summary: RunSummary) throws {
    let model = directory.model("last")
    let hash = try sha256OfTensorData(model + "/model.safetensors")
    try summary.write(to: directory.summary, weightsHash: hash)
    let best = summary.best.map { String(format: ", best \(summary.bestMetric) %.4f at step \(summary.bestStep)", $0) }
    let ranks = summary.ranks == 1 ? "1 rank" : "\(summary.ranks) ranks"
    print(String(format: "trained \(summary.steps) steps in %.1f s on \(ranks)", summary.seconds) + (best ?? ""))
    print("model: \(directory.model("best")) (best), \(model) (last)")
  }
}
