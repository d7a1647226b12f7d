import ArgumentParser
import Console
import Lockstep

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on labelled rows; prints one JSON object.",
    discussion: """
        lockstep evaluate output/models/best dev.tsv
        lockstep evaluate models/best pairs.csv --text question --pair answer
        lockstep evaluate models/best dev.tsv --metrics f1,matthews --positive spam
        lockstep evaluate models/best images.idx --image-labels labels.idx
        lockstep evaluate models/best dev.tsv --report --bootstrap 1000

      f1, precision and recall of two classes are of the positive one, which the
      output names: that of --positive, or else the second. With more classes they
      are f1_macro, precision_macro and recall_macro.
      """)

  @Argument(help: "A model's folder, such as output/models/best.", completion: .directory)
  var model: String

  @Argument(
    help: """
      Labelled rows: .tsv, .csv, .json, .jsonl or .conll, perhaps with .gz, or a pattern of such files in quotes; or the IDX file \
      of images.
      """, completion: .file())
  var data: String

  @Option(help: "The IDX file of the images' labels.", completion: .file())
  var imageLabels: String?

  @OptionGroup var columns: ColumnOptions

  @OptionGroup var table: TableFormatOptions

  @Option(help: "Metrics to print, separated by commas; those that are usual for the model's task by default.")
  var metrics: String?

  @Option(help: "The class of two that f1, precision and recall are of; the second by default.")
  var positive: String?

  @Flag(help: "Print precision, recall and F1 of each class before, as a table.")
  var report = false

  @Option(help: "Add 95 % intervals of the metrics, from this many drawings of the rows; 1000 is usual.")
  var bootstrap: Int?

  func validate() throws {
    if let bootstrap, !(1...100_000 ~= bootstrap) {
      throw ValidationError("--bootstrap is \(bootstrap): give 1 to 100000 drawings")
    }
  }

  func run() throws {
    try reportingFailure {
      let predictor = try Predictor(directory: model)
      let metrics = metrics.map { $0.split(separator: ",").map(String.init) } ?? predictor.task.usualFigures
      try predictor.judgement(metrics, positive: positive)
      let source = imageLabels.map { DataRecipe.Source.images(images: data, labels: $0) } ?? .table(TableFiles(data))
      let rows = try predictor.rows(source, columns: columns.mapping, options: table.options, isLabelled: true)
      for note in predictor.notes(on: rows) { TableFormatOptions.remark(note) }
      let result = try predictor.evaluate(rows, metrics: metrics, positive: positive)
      let named = result.positive.map { [("positive", JSONLine.string($0))] } ?? []
      let pairs = result.metrics.map { ($0.name, JSONLine.number($0.value)) }
      if report { try StandardOutput.print(table(predictor.task, result.scored)) }
      try StandardOutput.print(
        JSONLine.object(
          [("rows", .integer(result.rows)), ("loss", .number(result.loss))] + named + pairs
            + intervals(try predictor.judgement(metrics, positive: positive).measures, result.scored)))
    }
  }

  /// - Throws: `RecipeError` where the model's task has no classes.
  private func table(_ task: any LearningTask, _ rows: ScoredRows) throws -> String {
    if let report = task.report(of: rows) { return report.text }
    throw RecipeError(
      source: "--report", key: "",
      problem: "is for classes and labels, and the task is \(type(of: task).kind); leave it out")
  }

  private func intervals(_ measures: [Measure], _ rows: ScoredRows) -> [(String, JSONLine)] {
    guard let bootstrap else { return [] }
    let intervals = zip(measures, Bootstrap(resamples: bootstrap).intervals(of: measures, on: rows)).map {
      ($0.name, JSONLine.array([.number($1.low), .number($1.high)]))
    }
    return [("intervals", .object(intervals))]
  }
}

struct ColumnOptions: ParsableArguments {
  @Option(help: "The column of the text.")
  var text = "sentence"

  @Option(help: "The column of the second text of a pair.")
  var pair: String?

  @Option(help: "The column of the label; of several values or labels their columns, separated by commas.")
  var label = "label"

  @Option(help: "The columns of the options of multiple choice, separated by commas, or the key that holds a list.")
  var options: String?

  @Option(help: "The columns of the negatives of infonce, separated by commas, or the key that holds a list.")
  var negative: String?

  @Option(help: "The column that names a row; the row's number by default.")
  var id: String?

  var mapping: ColumnMapping {
    ColumnMapping(
      text: text, pair: pair, labels: Self.names(label), options: options.map(Self.names) ?? [],
      negatives: negative.map(Self.names) ?? [], id: id, vocabulary: .options)
  }

  /// The names that commas separate.
  static func names(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
}
