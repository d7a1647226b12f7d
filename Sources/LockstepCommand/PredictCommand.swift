import ArgumentParser
import Console
import Foundation
import Lockstep

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Predict the class, the labels or the values of texts or images.",
    discussion: """
      Prints a JSON line a row: id, label, probabilities, classes (their names); of
      multiple choice options in place of classes; of several labels labels, and
      thresholds where they are not 0.5; of a regression value, of similarity a cosine;
      of words entities and tags, with --probabilities those of each tag; of a question
      answer, start and end, and n_best; of a language model the tokens for each [MASK]
      of a text. --output writes JSON lines, CSV or TSV by its
      ending.

        lockstep predict output/models/best --text "a fine film"
        lockstep predict output/models/best --text "how old?" --pair "what age?"
        lockstep predict output/models/best --input rows.tsv --output rows.jsonl
        lockstep predict output/models/best --input - < sentences.txt
        lockstep predict output/models/best --input - --format jsonl < rows.jsonl
        lockstep predict output/models/best --input test.csv --text comment \\
          --id id --template sample_submission.csv --output submission.csv
      """)

  @Argument(help: "A model's folder, such as output/models/best.", completion: .directory)
  var model: String

  @Option(
    help: """
      Rows: .tsv, .csv, .json, .jsonl or .conll, perhaps with .gz, or a pattern of such files in quotes, or the IDX file of images; \
      labels are not needed. With - standard input, by default one text a line.
      """, completion: .file())
  var input: String?

  @Option(help: "What standard input holds: lines, tsv, csv, jsonl or conll.")
  var format: TableFormat?

  @Option(help: "A text; may be repeated. With --input the column of the text, sentence by default.")
  var text: [String] = []

  @Option(help: "The second text of a pair, one a text. With --input its column.")
  var pair: [String] = []

  @Option(help: "With --input the columns of the options of multiple choice, separated by commas.")
  var options: String?

  @Option(help: "With --input the column that names a row; the row's number by default.")
  var id: String?

  @OptionGroup var table: TableFormatOptions

  @Flag(help: "The scores too, from which the probabilities are made (logits).")
  var scores = false

  @Flag(
    help: """
      Of words the probabilities of each tag too, with the text and the words' places: what lockstep ensemble averages. \
      In JSON lines alone.
      """)
  var probabilities = false

  @OptionGroup var writing: PredictionOutput

  func validate() throws {
    if input == "" { throw ValidationError("--input is empty: name the file of the rows, or - for standard input") }
    guard let input else {
      guard !text.isEmpty else {
        throw ValidationError("give a --text, or rows with --input FILE (or - for standard input)")
      }
      guard pair.isEmpty || pair.count == text.count else {
        throw ValidationError("give each --text its --pair: \(text.count), not \(pair.count)")
      }
      if id != nil || format != nil { throw ValidationError("--id and --format belong to --input: leave them out") }
      return
    }
    if text.count > 1 || pair.count > 1 {
      throw ValidationError("with --input give --text and --pair once: they name columns of the table")
    }
    if format != nil, input != "-" {
      throw ValidationError(
        "--format is for standard input, and the name of a file says its format; leave --format out")
    }
  }

  func run() throws {
    try reportingFailure {
      let plan = try writing.plan(id: id)
      let predictor = try Predictor(directory: model)
      let dataset = try rows(predictor)
      for note in predictor.notes(on: dataset) + Self.notes(onIDsOf: dataset, id) { TableFormatOptions.remark(note) }
      let predictions = try predictor.predict(dataset, hasScores: scores)
      if let template = plan.template {
        let rows = predictions.map { PredictedRow(id: $0.id, label: $0.label, probabilities: $0.numbers) }
        return try writing.fill(template, with: rows, classes: predictor.labelNames, plan)
      }
      try checkProbabilities(predictions.first?.answer, plan.format)
      let rows = predictions.map {
        AnswerText.Row(
          id: $0.id, answer: $0.answer, scores: scores ? $0.scores : nil, hasDetails: probabilities)
      }
      try writing.write(
        AnswerText.text(
          rows, as: plan.format, columns: predictor.task.answerColumns, names: predictor.labelNames))
    }
  }

  /// - Throws: `RecipeError` where `--probabilities` adds nothing.
  private func checkProbabilities(_ answer: Answer?, _ format: PredictionFormat) throws {
    guard probabilities, let answer else { return }
    guard !answer.details.isEmpty else {
      throw RecipeError(
        source: "--probabilities", key: "",
        problem: "is for words, and \(model) predicts rows, whose probabilities are written anyway; leave it out")
    }
    guard format == .jsonl else {
      throw RecipeError(
        source: "--probabilities", key: "",
        problem: "is for JSON lines, and a table has no room for them; name it .jsonl")
    }
  }

  /// Ids that name no row, or several.
  private static func notes(onIDsOf rows: any Dataset, _ column: String?) -> [String] {
    guard let column else { return [] }
    let ids = (0..<rows.rowCount).map(rows.rowID)
    let (empty, counts) = (ids.count(where: \.isEmpty), RowIDs.repeated(ids.filter { !$0.isEmpty }))
    let need = "lockstep ensemble and --template need a different id for every row"
    let nameless = empty > 0 ? ["\(empty) of \(ids.count) rows have an empty \(column); \(need)"] : []
    guard let first = counts.first else { return nameless }
    let others = counts.count > 1 ? " (and \(counts.count - 1) more)" : ""
    return nameless + ["\(column) \(first.debugDescription)\(others) names several rows; \(need)"]
  }

  private func rows(_ predictor: Predictor) throws -> any Dataset {
    switch input {
    case nil:
      let pairs: [String?] = pair.isEmpty ? text.map { _ in nil } : pair
      return try predictor.rows(Table(Array(zip(text, pairs)).map { ($0, $1) }, source: "--text"))
    case "-":
      let content = Array(FileHandle.standardInput.readDataToEndOfFile())
      let format = try format ?? Self.lines(content)
      let task = type(of: predictor.task)
      return try predictor.rows(
        Table(
          content, format: format, columns: columns.filled(by: task.usualColumns),
          options: table.options.reading(task.layout), source: "standard input"))
    case let file?:
      return try predictor.rows(.table(TableFiles(file)), columns: columns, options: table.options, isLabelled: false)
    }
  }

  private var columns: ColumnMapping {
    ColumnMapping(
      text: text.first ?? "sentence", pair: pair.first, labels: [], options: options.map(ColumnOptions.names) ?? [],
      id: id, vocabulary: .options)
  }

  /// Lines of text, unless they look like a table, which would be read as texts without anybody noticing.
  private static func lines(_ content: [UInt8]) throws -> TableFormat {
    let first = content.prefix { $0 != UInt8(ascii: "\n") }
    for (mark, format) in [("{", "jsonl"), ("\t", "tsv")] where first.contains(Array(mark.utf8)[0]) {
      throw RecipeError(
        source: "standard input", key: "",
        problem: "looks like a table; give --format \(format), or --format lines if each line is one text")
    }
    return .lines
  }
}

extension TableFormat: ExpressibleByArgument {}
