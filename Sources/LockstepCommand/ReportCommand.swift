import ArgumentParser
import Console
import Dashboard
import Foundation
import Lockstep

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write one HTML page about one or several runs, which needs no other file.",
    discussion: """
        lockstep report output/quickstart
        lockstep report output/first output/second --output comparison.html

      It holds the curves, the best model's confusion matrix and calibration on the validation rows, the recipe, the \
      machine and the hashes. Run it where the runs were started: the recipes' paths begin there.
      """)

  @Argument(help: "Output folders of runs.", completion: .directory)
  var directories: [String]

  @Option(name: .shortAndLong, help: "The page.", completion: .file(extensions: ["html"]))
  var output = "report.html"

  @Flag(help: "Leave out what takes the models: confusion matrix and calibration.")
  var noModels = false

  func validate() throws {
    if directories.isEmpty { throw ValidationError("name the output folder of a run") }
  }

  func run() throws {
    try reportingFailure {
      let runs = try directories.map(reported)
      try AtomicFile.write(Report(runs).html, to: output)
      try StandardOutput.print(output)
    }
  }

  private func reported(_ path: String) throws -> ReportedRun {
    let directory = RunDirectory(path: path)
    guard FileManager.default.fileExists(atPath: directory.metrics) else {
      throw RunDirectoryError(path: path, problem: "holds no metrics.jsonl; give the output folder of a run")
    }
    let recipe = Result { try Recipe(RecipeDocument(contentsOfFile: directory.recipe)) }
    let validation = noModels ? nil : Self.validation(of: directory, recipe)
    return ReportedRun(directory, settings: (try? recipe.get())?.values ?? [:], validation: validation)
  }

  /// What is missing leaves a gap in the report, and no more.
  private static func validation(
    of directory: RunDirectory, _ recipe: Result<Recipe, any Error>
  ) -> Result<ReportedRun.Validation, ReportedRun.Absence> {
    do {
      let recipe = try recipe.get()
      let (data, evaluation) = (recipe.data, recipe.evaluate)
      guard let source = data.validation ?? data.split.map({ _ in data.train }) else {
        return .failure(.init(reason: "the recipe has no validation rows"))
      }
      let model = directory.model("best")
      let predictor = try Predictor(directory: model)
      let rows = try predictor.rows(source, columns: data.columns, options: data.tableOptions, isLabelled: true)
      let figures = try predictor.evaluate(recipe.validationRows(of: rows), metrics: [])
      guard let confusion = figures.confusion, let calibration = figures.calibration,
        let classes = predictor.task.classNames
      else {
        return .failure(.init(reason: "its task is \(type(of: predictor.task).kind), which has no confusion matrix"))
      }
      return .success(
        ReportedRun.Validation(
          model: "models/best", classes: classes, loss: figures.loss, confusion: confusion,
          calibration: calibration,
          positive: PositiveClass(evaluation.positive, among: classes)))
    } catch {
      return .failure(.init(reason: "\(error)"))
    }
  }
}
