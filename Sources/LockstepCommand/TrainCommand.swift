import ArgumentParser
import Dashboard
import Foundation
import Launching
import Lockstep

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a recipe, in one process or as one rank under mpirun or srun.",
    discussion: """
        lockstep train recipe.yaml --output output/alone
        lockstep train recipe.yaml --output output/alone --resume auto
        lockstep train recipe.yaml --set epochs=1 --set optimizer.learning_rate=1e-4
        mpirun -n 2 --bind-to none lockstep train recipe.yaml --output output/two

      lockstep recipe explain lists the keys of a recipe. SIGTERM, SIGINT (Ctrl-C) and SIGUSR1 commit a checkpoint and end with \
      status 85.
      """)

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Set a key of the recipe: key.path=value. May be repeated.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: "Write metrics, checkpoints and models to this folder.", completion: .directory)
  var output = "output"

  @Option(
    help:
      "auto: continue from the newest valid checkpoint of the output folder, if there is one; never; or the folder of a run."
  )
  var resume = "never"

  @Option(
    help:
      "Show progress on standard error as a bar or as lines; auto draws the bar on a terminal, which mpirun hides from its ranks."
  )
  var progress = ProgressBar.Style.automatic

  @Option(
    help: "Train this many models, each on all rows but one fold, and write out-of-fold.jsonl for stacking.")
  var folds: Int?

  @Option(
    help: """
      The relative speed of each rank, such as 1,3: the second takes three times as many microbatches. The environment's \
      LOCKSTEP_WEIGHTS by default.
      """)
  var weights: String?

  @Flag(inversion: .prefixedNo, help: "Write OUTPUT/events.out.tfevents.* for TensorBoard.")
  var tensorboard = true

  @Option(help: "Write histograms of all weights and gradients for TensorBoard, every this many steps.")
  var histograms: Int?

  @Option(
    help: ArgumentHelp(
      "Write the recipe and all numbers into this folder, as MLflow's file store.", valueName: "folder"),
    completion: .directory)
  var mlflow: String?

  @Flag(help: "Write OUTPUT/trace.json, the timeline of all ranks for https://ui.perfetto.dev.")
  var trace = false

  @Option(
    help: ArgumentHelp(
      "Serve the live page of the run at this port, or at an address such as 0.0.0.0:8080.",
      valueName: "port"),
    transform: { try PageAddress($0) })
  var dashboard: PageAddress?

  @Option(help: "Seconds to wait for room where the disk is full; nothing is lost meanwhile.")
  var diskWait = DiskWait.usual.seconds

  func validate() throws {
    guard (0...240).contains(diskWait) else {
      throw ValidationError("--disk-wait \(diskWait): give seconds from 0 to 240")
    }
    if let histograms, histograms < 1 {
      throw ValidationError("--histograms \(histograms) is below 1; give 1 step or more")
    }
    if histograms != nil, !tensorboard {
      throw ValidationError("--histograms writes to the files of TensorBoard; leave out --no-tensorboard")
    }
  }

  func run() throws {
    var directory = RunDirectory(path: output)
    directory.diskWait = DiskWait(seconds: diskWait)
    try reportingFailure {
      StopRequest.catchSignals()
      var options = LaunchedGroup.Options()
      options.verdictFolder = directory.verdicts
      let tracer = trace ? Tracer() : .off
      options.track = tracer.communication
      let group = try LaunchedGroup.join(options)
      let session = TrainingSession(
        directory: directory, group: group, resume: choice, progress: ProgressBar(progress),
        writesTensorBoard: tensorboard, mlflow: mlflow, histogramsEvery: histograms, tracer: tracer, page: dashboard,
        folds: folds, weights: weights ?? ProcessInfo.processInfo.environment[JobEnvironment.weights])
      try session.run {
        try Recipe(RecipeDocument(contentsOfFile: recipe, overrides: overrides))
      }
    } noting: { status, reason in
      ExitNote.leave(status: status, reason: reason, in: directory.verdicts)
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

extension ProgressBar.Style: ExpressibleByArgument {}
