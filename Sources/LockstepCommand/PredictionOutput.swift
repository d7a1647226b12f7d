import ArgumentParser
import Console
import Foundation
import Lockstep

/// Where predictions go, and in which form; the same for every command that writes them.
struct PredictionOutput: ParsableArguments {
  @Option(
    help: """
      The file to write, in the format of its ending: .jsonl, .csv or .tsv; JSON lines on standard output by default.
      """, completion: .file())
  var output: String?

  @Option(
    help: """
      A competition's sample (.csv or .tsv) to fill: its ids, order and columns. A column named as a class gets the \
      probability; a single other column gets the label.
      """, completion: .file(extensions: ["csv", "tsv"]))
  var template: String?

  @Option(
    help:
      "With a --template whose one column is not a class: fill it with the probability of this class, not with the label."
  )
  var positive: String?

  func validate() throws {
    if positive != nil, template == nil {
      throw ValidationError("--positive belongs to --template: give one, or leave it out")
    }
    if let output, let problem = Self.problem(of: output) { throw ValidationError("--output \(problem)") }
  }

  /// Why a file cannot be written there, and what to do; nil where nothing is known against it.
  static func problem(of output: String) -> String? {
    guard !output.isEmpty else { return "is empty: name the file to write" }
    let parts = output.split(separator: "/", omittingEmptySubsequences: false)
    let longest = parts.max { $0.utf8.count < $1.utf8.count } ?? ""
    guard longest.utf8.count <= 255 else {
      return "has a name of \(longest.utf8.count) bytes: give one of 255 or fewer"
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder), isFolder.boolValue {
      return "\(output) is a folder: name the file to write in it"
    }
    let folder = parts.dropLast().joined(separator: "/")
    guard parts.count > 1, !folder.isEmpty else { return nil }
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      return "\(output): the folder \(folder) does not exist: make it first"
    }
    return isFolder.boolValue ? nil : "\(output): \(folder) is a file, not a folder: give another name"
  }

  /// What is known of the files before any work is done.
  struct Plan {
    let format: PredictionFormat
    let template: SubmissionTemplate?
  }

  /// - Parameter id: the column that ids are read from.
  /// - Throws: `EnsembleError` where the file's ending says no format, or the template cannot be filled.
  func plan(id: String? = nil) throws -> Plan {
    let template = try template.map { try SubmissionTemplate(contentsOfFile: $0, id: id) }
    let format = try output.map { try PredictionFormat(file: $0) } ?? template?.format ?? .jsonl
    if template != nil, format == .jsonl {
      throw RecipeError(
        source: "--output", key: output ?? "", problem: "is not a table as the template is; name it .csv")
    }
    return Plan(format: format, template: template)
  }

  /// Writes what an ensemble predicts, in the form of its models' predictions.
  func write(_ rows: [PredictedRow], of ensemble: Ensemble, _ plan: Plan) throws {
    if let template = plan.template { return try fill(template, with: rows, classes: ensemble.labels, plan) }
    let answers = rows.map { AnswerText.Row(id: $0.id, answer: ensemble.answer($0), hasDetails: true) }
    let columns = plan.format == .jsonl ? [] : try ensemble.answerColumns()
    try write(AnswerText.text(answers, as: plan.format, columns: columns, names: []))
  }

  func fill(_ template: SubmissionTemplate, with rows: [PredictedRow], classes: [String], _ plan: Plan) throws {
    try write(template.filled(with: rows, classes: classes, positive: positive, as: plan.format))
  }

  /// Writes a text to the file, or on standard output.
  func write(_ text: String) throws {
    if let output {
      try AtomicFile.write(text, to: output)
    } else {
      try StandardOutput.print(text, terminator: "")
    }
  }
}
