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
        lockstep report output/quickstart --format markdown

      It holds the curves, what the best model does on the validation rows (each class, confusion matrix, calibration, \
      ROC, the most confident mistakes with their texts), the recipe, the machine and the hashes. Run it where the runs \
      were started: the recipes' paths begin there. Markdown has the tables without the curves, JSON the numbers.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case html, markdown, json

    /// The ending of its files.
    var ending: String { self == .markdown ? "md" : rawValue }
  }

  @Argument(help: "Output folders of runs.", completion: .directory)
  var directories: [String]

  @Option(
    name: .shortAndLong, help: "The file to write; report.html, report.md or report.json by default.",
    completion: .file(extensions: ["html", "md", "json"]))
  var output: String?

  @Option(help: "html, markdown or json; by default what the ending of --output says, else html.")
  var format: Format?

  @Flag(help: "Leave out what takes the models: figures of classes, confusion matrix, calibration, mistakes.")
  var noModels = false

  func validate() throws {
    if directories.isEmpty { throw ValidationError("name the output folder of a run") }
  }

  func run() throws {
    try reportingFailure {
      let report = Report(try directories.map(reported))
      let format = format ?? Format.allCases.first { output?.hasSuffix("." + $0.ending) == true } ?? .html
      let text =
        switch format {
        case .html: report.html
        case .markdown: report.markdown
        case .json: report.json
        }
      let path = output ?? "report." + format.ending
      try AtomicFile.write(text, to: path)
      try StandardOutput.print(path)
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
      guard let rows = try ValidationRows(of: recipe, model: directory.model("best")) else {
        return .failure(.init(reason: "the recipe has no validation rows"))
      }
      return .success(try rows.figures(model: "models/best", positive: recipe.evaluate.positive))
    } catch {
      return .failure(.init(reason: "\(error)"))
    }
  }
}
