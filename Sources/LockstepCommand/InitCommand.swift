import ArgumentParser
import Console
import Drafting
import Foundation
import Lockstep

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Draft a recipe for a table: its columns, task, classes, lengths and batch.",
    discussion: """
        lockstep init train.csv
        lockstep init train.tsv --validation dev.tsv --output reviews.yaml
        lockstep init 'data/train-*.jsonl' --model models/bert-base-chinese

      Finds the columns by their names and by what they hold, whether there is a
      header, the encoding and what quotes mean. Says in comments what it found, and
      writes a recipe that trains without a change.
      """)

  @Argument(
    help:
      "Labelled rows: .tsv, .csv, .json, .jsonl or .conll files, perhaps with .gz, or patterns of such files in quotes.",
    completion: .file())
  var data: [String]

  @Option(help: "Rows to validate on; by default a tenth of the rows is split off.", completion: .file())
  var validation: String?

  @Option(name: .shortAndLong, help: "The recipe.", completion: .file(extensions: ["yaml", "yml"]))
  var output = "recipe.yaml"

  @Option(
    help:
      "The folder of the model to train, whose tokenizer counts the lengths; where it is missing they are estimated.",
    completion: .directory)
  var model: String?

  @Flag(help: "Write over a recipe that is there.")
  var force = false

  private static let usualModel = "models/all-MiniLM-L6-v2"

  func validate() throws {
    if data.isEmpty { throw ValidationError("name a table, such as train.csv") }
  }

  func run() throws {
    try reportingFailure {
      try checkOutput()
      let draft = try RecipeDraft(
        train: TableFiles(data), validation: validation.map { TableFiles($0) }, model: described(),
        kinds: TaskKinds.all.map { $0.kind })
      try AtomicFile.write(draft.text(name: output), to: output)
      for line in draft.summary { try StandardOutput.print(line) }
      try StandardOutput.print("recipe: \(output); next: lockstep recipe check \(output)")
    }
  }

  /// - Throws: `RecipeError` where a file would be lost.
  private func checkOutput() throws {
    guard !force, FileManager.default.fileExists(atPath: output) else { return }
    throw RecipeError(
      source: output, key: "", problem: "exists already; give another --output, or --force to write over it")
  }

  private func described() throws -> RecipeDraft.Model {
    let path = model ?? Self.usualModel
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard model != nil || exists && isFolder.boolValue else { return RecipeDraft.Model(path: path) }
    let directory = try PretrainedDirectory(path: path)
    let tokenizer = try Tokenizers.read(directory: path)
    let positions = min(tokenizer.maximumLength ?? .max, directory.family.mostTokens)
    return RecipeDraft.Model(path: path, tokenizer: tokenizer, positions: positions)
  }
}
