import Console
import Data
import Layers
import Scores
import Models
import Tensors
import Training

/// A saved classifier of texts or images, ready to be used.
public final class Predictor {
  /// What a model says about one row.
  public struct Prediction: Sendable {
    /// The row's id as its column has it, or else its number from 0.
    public let id: String
    /// The class name.
    public let label: String
    /// In the order of the classes; their sum is 1.
    public let probabilities: [Double]
    /// What the probabilities are made of, before they sum to 1 (logits).
    public let scores: [Double]
  }

  /// A model's figures on labelled rows.
  public struct Figures: Sendable {
    public let rows: Int
    public let loss: Double
    /// Under the names of `Metric.reported`: with more than two classes f1 is `f1_macro`.
    public let metrics: [(name: String, value: Double)]
    /// The class that f1, precision and recall are of; nil where none of them is among the metrics.
    public let positive: String?
    public let confusion: ConfusionMatrix
    public let calibration: Calibration
  }

  public var labelNames: [String] { saved.labelNames }
  private let path: String
  private let saved: any SavedClassifier
  private let engine: Tensors.Engine

  /// Rows computed at once.
  private static let batch = 64

  /// - Throws: `ModelError`, `SafetensorsError` or `VocabularyError`, naming the file.
  public init(directory path: String, threads: Int = Processor.usableCores) throws {
    self.path = path
    saved = try savedClassifier(in: path)
    engine = Tensors.Engine(threads: threads)
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
    guard case .indices(let names) = rows.labelScheme else { return notes }
    let pairs = names.enumerated().prefix(10).map { "\($0) is \($1)" }.joined(separator: ", ")
    return notes + ["the labels are numbers, and stand for the model's classes: \(pairs)"]
  }

  /// Rows that are in memory already: texts, alone or in pairs, or a table that came some other way than as a file.
  /// - Throws: `ModelError` where the model reads images.
  public func rows(_ table: Table) throws -> any Dataset { try saved.rows(table) }

  /// One prediction a row, in the order of the rows.
  /// - Throws: `ModelError` where a score is not finite.
  public func predict(_ dataset: any Dataset) throws -> [Prediction] {
    var predictions = [Prediction?](repeating: nil, count: dataset.rowCount)
    try forEachRow(of: dataset) { row, scores in
      predictions[row] = Prediction(
        id: dataset.rowID(row), label: labelNames[ClassScores.largest(scores)],
        probabilities: ClassScores.softmax(scores),
        scores: scores.map(Double.init))
    }
    return predictions.compactMap { $0 }
  }

  /// Loss (mean cross entropy by the rows' weights) and metrics over labelled rows.
  ///
  /// - Parameter positive: the class of two that f1, precision and recall are of; the second by default.
  /// - Throws: `ModelError` where a score is not finite.
  public func evaluate(_ dataset: any Dataset, metrics: [Metric], positive: PositiveClass? = nil) throws -> Figures {
    var confusion = ConfusionMatrix(classes: labelNames.count)
    var calibration = Calibration()
    var loss = WeightedSum.zero
    try forEachRow(of: dataset) { row, scores in
      let (label, prediction) = (Int(dataset.label(row)), ClassScores.largest(scores))
      confusion.add(label: label, prediction: prediction)
      calibration.add(confidence: ClassScores.softmax(scores)[prediction], isCorrect: prediction == label)
      let weight = Double(dataset.weight(row))
      loss += WeightedSum(sum: weight * ClassScores.crossEntropy(scores, label: label), weight: weight)
    }
    let reported = Metric.reported(metrics, classes: labelNames.count)
    let positive = positive ?? PositiveClass(among: labelNames)
    return Figures(
      rows: dataset.rowCount, loss: loss.mean,
      metrics: reported.map { ($0.rawValue, $0.value(of: confusion, positive: positive?.index ?? 1)) },
      positive: reported.contains(where: \.isOfPositiveClass) ? positive?.name : nil, confusion: confusion,
      calibration: calibration)
  }

  private func forEachRow(of dataset: any Dataset, _ body: (Int, UnsafeBufferPointer<Float>) -> Void) throws {
    let plan = EvaluationPlan(dataset: dataset, microbatchSize: Self.batch)
    let work = Work("computing", "rows", of: plan.rows.count)
    defer { work.end() }
    for positions in plan.microbatches {
      work.report(positions.lowerBound)
      let microbatch = dataset.microbatch(rows: Array(plan.rows[positions]), positions: positions)
      let pass = Pass(
        engine: engine, mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: microbatch.rows)
      let logits = saved.model(microbatch, pass)[0]
      for (index, position) in positions.enumerated() {
        let scores = UnsafeBufferPointer(start: logits.pointer + index * labelNames.count, count: labelNames.count)
        guard let wrong = scores.first(where: { !$0.isFinite }) else {
          body(plan.rows[position], scores)
          continue
        }
        throw ModelError(
          file: path,
          problem: "scores row \(dataset.rowID(plan.rows[position])) with a value that is "
            + (wrong.isNaN ? "not a number" : "infinite"),
          remedy: "use a model from before its weights ran away")
      }
    }
  }
}
