import ArgumentParser
import Lockstep

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Write the probabilities of each row's classes, one JSON line a row.")

  @Argument(help: "A model's folder, such as output/models/best.")
  var model: String

  @Option(help: "Rows: .tsv, .csv, .json or .jsonl, or the IDX file of images; labels are not needed.")
  var input: String

  @Option(help: "The file to write.")
  var output: String

  @OptionGroup var columns: ColumnOptions

  func run() throws {
    try reportingFailure {
      let predictor = try Predictor(directory: model)
      let rows = try predictor.rows(.table(input), columns: columns.mapping, isLabelled: false)
      let lines = predictor.predict(rows).map { prediction in
        JSONLine.object([
          ("id", .integer(prediction.id)), ("label", .string(prediction.label)),
          ("probabilities", .array(prediction.probabilities.map(JSONLine.number))),
        ]).description + "\n"
      }
      try AtomicFile.write(lines.joined(), to: output)
    }
  }
}
