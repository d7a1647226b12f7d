import ArgumentParser
import Console
import Lockstep

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on labelled rows; prints one JSON object.",
    discussion: """
        lockstep evaluate output/models/best dev.tsv
        lockstep evaluate models/best pairs.csv --text question --pair answer
        lockstep evaluate models/best dev.tsv --metrics f1,matthews
        lockstep evaluate models/best images.idx --image-labels labels.idx
      """)

  @Argument(help: "A model's folder, such as output/models/best.", completion: .directory)
  var model: String

  @Argument(help: "Labelled rows: .tsv, .csv, .json or .jsonl; or the IDX file of images.", completion: .file())
  var data: String

  @Option(help: "The IDX file of the images' labels.", completion: .file())
  var imageLabels: String?

  @OptionGroup var columns: ColumnOptions

  @OptionGroup var table: TableFormatOptions

  @Option(help: "Metrics to print, separated by commas.")
  var metrics = "accuracy,f1,precision,recall,matthews"

  func run() throws {
    try reportingFailure {
      let predictor = try Predictor(directory: model)
      let source = imageLabels.map { DataRecipe.Source.images(images: data, labels: $0) } ?? .table(data)
      let rows = try predictor.rows(source, columns: columns.mapping, options: table.options, isLabelled: true)
      for note in predictor.notes(on: rows) { TableFormatOptions.remark(note) }
      let result = predictor.evaluate(rows, metrics: try chosenMetrics())
      let pairs = result.metrics.map { ($0.name, JSONLine.number($0.value)) }
      try StandardOutput.print(
        JSONLine.object([("rows", .integer(result.rows)), ("loss", .number(result.loss))] + pairs))
    }
  }

  private func chosenMetrics() throws -> [Metric] {
    try metrics.split(separator: ",").map { name in
      guard let metric = Metric(name: String(name)) else {
        let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
        throw RecipeError(source: "--metrics", key: String(name), problem: "is no metric; known: \(known)")
      }
      return metric
    }
  }
}

struct ColumnOptions: ParsableArguments {
  @Option(help: "The column of the text.")
  var text = "sentence"

  @Option(help: "The column of the second text of a pair.")
  var pair: String?

  @Option(help: "The column of the label.")
  var label = "label"

  @Option(help: "The column that names a row; the row's number by default.")
  var id: String?

  var mapping: ColumnMapping { ColumnMapping(text: text, pair: pair, label: label, id: id, vocabulary: .options) }
}
