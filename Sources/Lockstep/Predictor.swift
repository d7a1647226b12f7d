import Assembly
import Data
import Layers
import Models
import Recipes
import Scores
import Tasks
import Techniques
import Tensors
import Training

/// A saved classifier of texts or images, ready to be used.
public final class Predictor {
  /// What a model says about one row.
  public struct Prediction: Sendable {
    /// The row's id as its column has it, or else its number from 0.
    public let id: String
    /// What the task makes of it.
    public let answer: Answer
    /// The numbers it is made of: probabilities of the classes, or values.
    public let numbers: [Double]
    /// What the model gives, before the task makes numbers of it (logits).
    public let scores: [Double]

    /// The class name; of a task that has none, what its answer is in a word.
    public var label: String { answer.label ?? answer.cells.first ?? "" }
    /// In the order of the classes; of one class a row their sum is 1.
    public var probabilities: [Double] { numbers }
  }

  /// A model's figures on labelled rows.
  public struct Figures: Sendable {
    public let rows: Int
    public let loss: Double
    /// Under the names of the task's measures: with more than two classes f1 is `f1_macro`.
    public let metrics: [(name: String, value: Double)]
    /// The class that f1, precision and recall are of; nil where none of them is among the metrics.
    public let positive: String?
    /// The answers next to the targets.
    public let scored: ScoredRows
    /// Of one class a row; nil where the task is another.
    public let confusion: ConfusionMatrix?
    public let calibration: Calibration?
  }

  /// The names of the scores.
  public var labelNames: [String] { saved.task.head.allNames }
  /// What the model was trained for.
  public var task: any LearningTask { saved.task }
  private let path: String
  private let ownMeasures: [Measure]
  private let saved: any SavedModel
  private let inference: Inference

  /// - Parameters:
  ///   - tasks: of the program's own, that the model may have been trained for.
  ///   - measures: of the program's own, that `evaluate` finds by their names.
  /// - Throws: `ModelError`, `SafetensorsError` or `VocabularyError`, naming the file.
  public init(
    directory path: String, threads: Int = Processor.usableCores, tasks: [any LearningTask.Type] = [],
    measures: [Measure] = []
  ) throws {
    (self.path, ownMeasures) = (path, measures)
    saved = try savedModel(in: path, TaskKinds(own: tasks))
    inference = Inference(model: saved.model, engine: Tensors.Engine(threads: threads))
  }

  /// Reads rows as the model was trained to read them.
  /// - Parameters:
  ///   - source: a table for a text classifier, IDX files for an image classifier (without labels: its images as `.table`).
  ///   - columns: of a table.
  ///   - options: how its bytes become fields.
  public func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions = TableOptions(), isLabelled: Bool
  ) throws -> any Dataset {
    try saved.rows(source, columns: columns, options: options, isLabelled: isLabelled)
  }

  /// What the user should know of how rows were read.
  public func notes(on rows: any Dataset) -> [String] {
    let quotes = (rows as? TokenDataset).flatMap { $0.quoting.note(on: $0.file, .options) }
    let counted = (rows as? TokenDataset).map { RowFacts.Part($0).notes(maximumLength: saved.maximumLength) } ?? []
    let notes = saved.notes + counted + [quotes].compactMap(\.self)
    guard let cells = (rows as? any CellRows)?.targetCells, !cells.columns.isEmpty else { return notes }
    return notes + saved.task.notes(onJudged: cells)
  }

  /// Rows that are in memory already: texts, alone or in pairs, or a table that came some other way than as a file.
  /// - Throws: `ModelError` where the model reads images.
  public func rows(_ table: Table) throws -> any Dataset { try saved.rows(table) }

  /// One prediction a row, in the order of the rows.
  /// - Parameter hasScores: whether each has the model's scores, of which a vocabulary has many.
  /// - Throws: `ModelError` where a score is not finite.
  public func predict(_ dataset: any Dataset, hasScores: Bool = true) throws -> [Prediction] {
    var predictions = [Prediction?](repeating: nil, count: dataset.rowCount)
    try forEachBatch(of: dataset) { rows, _, microbatch, scores in
      let numbers = task.answers(scores, microbatch)
      for (place, row) in rows.enumerated() {
        let own = numbers[microbatch.answers(of: place).times(task.answerWidth)]
        predictions[row] = Prediction(
          id: dataset.rowID(row), answer: task.answer(own, to: row, of: dataset),
          numbers: Array(own),
          scores: hasScores
            ? scores.values[microbatch.scores(of: place).times(saved.model.labels)].map(Double.init) : [])
      }
    }
    return predictions.compactMap { $0 }
  }

  /// Loss (the mean by the rows' weights) and metrics over labelled rows.
  ///
  /// - Throws: `ModelError` where a score is not finite, `RecipeError` for a metric that the task does not have.
  public func evaluate(_ dataset: any Dataset, metrics names: [String], positive: String? = nil) throws -> Figures {
    let (task, measures) = try judgement(names, positive: positive)
    var answers = [ArraySlice<Double>](repeating: [], count: dataset.rowCount)
    var comparison = Comparison(task, for: measures, rows: dataset.rowCount)
    var loss = WeightedSum.zero
    try forEachBatch(of: dataset) { rows, pass, microbatch, scores in
      let losses = task.losses(scores, microbatch, pass)
      for (value, weight) in zip(losses.losses.values, losses.weights ?? rows.map(dataset.weight)) {
        loss += WeightedSum(sum: Double(value) * Double(weight), weight: Double(weight))
      }
      let numbers = task.answers(scores, microbatch)
      comparison?.add(rows, scores, microbatch)
      for (place, row) in rows.enumerated() {
        answers[row] = numbers[microbatch.answers(of: place).times(task.answerWidth)]
      }
    }
    let all = answers.flatMap { $0 }
    let compared = comparison.map { all.interleaved(width: task.answerWidth, with: $0.numbers) }
    let scored = task.scored(
      Array(0..<dataset.rowCount), compared ?? all, in: dataset, width: task.answerWidth + (compared == nil ? 0 : 1))
    let figures = task.classNames.map { Self.classFigures(scored, classes: $0.count) }
    return Figures(
      rows: dataset.rowCount, loss: loss.mean, metrics: measures.map { ($0.name, $0.value(scored)) },
      positive: measures.contains(where: \.isOfPositiveClass) ? task.positive : nil, scored: scored,
      confusion: figures?.confusion, calibration: figures?.calibration)
  }

  /// The task and the measures of an evaluation.
  /// - Throws: `RecipeError` for a metric or a class that the task does not have.
  @discardableResult
  public func judgement(
    _ metrics: [String], positive: String? = nil
  ) throws -> (task: any LearningTask, measures: [Measure]) {
    let task = try positive.map { try self.task.judging($0, source: "--positive", key: "") } ?? self.task
    return (task, try task.measures(metrics, own: ownMeasures, source: "--metrics"))
  }

  private static func classFigures(
    _ scored: ScoredRows, classes: Int
  ) -> (confusion: ConfusionMatrix, calibration: Calibration) {
    var (confusion, calibration) = (ConfusionMatrix(classes: classes), Calibration())
    for row in 0..<scored.rows {
      let probabilities = Array(scored.outputs(of: row))
      let (label, prediction) = (Int(scored.targets[row * scored.targetWidth]), probabilities.largestIndex ?? 0)
      confusion.add(label: label, prediction: prediction)
      calibration.add(confidence: probabilities[prediction], isCorrect: prediction == label)
    }
    return (confusion, calibration)
  }

  /// - Throws: `ModelError` where a score is not finite.
  private func forEachBatch(
    of dataset: any Dataset, _ body: (_ rows: [Int], Pass, Microbatch, _ scores: Tensor) throws -> Void
  ) throws {
    try inference.forEachBatch(of: dataset) { rows, pass, microbatch, scores in
      try check(scores, of: rows, microbatch, dataset)
      try body(rows, pass, microbatch, scores)
    }
  }

  private func check(_ scores: Tensor, of rows: [Int], _ microbatch: Microbatch, _ dataset: any Dataset) throws {
    let width = saved.model.labels
    for (place, row) in rows.enumerated() {
      let own = scores.values[microbatch.scores(of: place).times(width)]
      guard let wrong = own.first(where: { !$0.isFinite }) else { continue }
      throw ModelError(
        file: path,
        problem: "scores row \(dataset.rowID(row)) with a value that is " + (wrong.isNaN ? "not a number" : "infinite"),
        remedy: "use a model from before its weights ran away")
    }
  }
}

extension Range<Int> {
  /// Where the elements of rows stand that have so many of them.
  fileprivate func times(_ width: Int) -> Range<Int> { lowerBound * width..<upperBound * width }
}
