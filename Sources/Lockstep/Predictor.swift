import Data
import Layers
import Metrics
import Models
import Tensors
import Training

/// A saved classifier of texts or images, ready to be used.
public final class Predictor {
  /// What a model says about one row.
  public struct Prediction: Sendable {
    /// The row's id column, or else its number from 0.
    public let id: Int
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
    public let metrics: [(name: String, value: Double)]
    public let confusion: ConfusionMatrix
    public let calibration: Calibration
  }

  public var labelNames: [String] { saved.labelNames }
  private let saved: any SavedClassifier
  private let engine: Tensors.Engine

  /// Rows computed at once.
  private static let batch = 64

  /// - Throws: `ModelError`, `SafetensorsError` or `VocabularyError`, naming the file.
  public init(directory path: String, threads: Int = Processor.usableCores) throws {
    saved = try savedClassifier(in: path)
    engine = Tensors.Engine(threads: threads)
  }

  /// Reads rows as the model was trained to read them.
  /// - Parameters:
  ///   - source: a table for a text classifier, IDX files for an image classifier (without labels: its images as `.table`).
  ///   - columns: of a table.
  public func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, isLabelled: Bool
  ) throws -> any Dataset {
    try saved.rows(source, columns: columns, isLabelled: isLabelled)
  }

  /// Rows that are in memory already: texts, alone or in pairs, or a table that came some other way than as a file.
  /// - Throws: `ModelError` where the model reads images.
  public func rows(_ table: Table) throws -> any Dataset { try saved.rows(table) }

  /// One prediction a row, in the order of the rows.
  public func predict(_ dataset: any Dataset) -> [Prediction] {
    var predictions = [Prediction?](repeating: nil, count: dataset.rowCount)
    forEachRow(of: dataset) { row, scores in
      predictions[row] = Prediction(
        id: dataset.sampleID(row), label: labelNames[Scores.largest(scores)], probabilities: Scores.softmax(scores),
        scores: scores.map(Double.init))
    }
    return predictions.compactMap { $0 }
  }

  /// Loss (mean cross entropy) and metrics over labelled rows.
  public func evaluate(_ dataset: any Dataset, metrics: [Metric]) -> Figures {
    var confusion = ConfusionMatrix(classes: labelNames.count)
    var calibration = Calibration()
    var loss = 0.0
    forEachRow(of: dataset) { row, scores in
      let (label, prediction) = (Int(dataset.label(row)), Scores.largest(scores))
      confusion.add(label: label, prediction: prediction)
      calibration.add(confidence: Scores.softmax(scores)[prediction], isCorrect: prediction == label)
      loss += Scores.crossEntropy(scores, label: label)
    }
    return Figures(
      rows: dataset.rowCount, loss: loss / Double(dataset.rowCount),
      metrics: metrics.map { ($0.rawValue, $0.value(of: confusion)) }, confusion: confusion, calibration: calibration)
  }

  private func forEachRow(of dataset: any Dataset, _ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
    let plan = EvaluationPlan(dataset: dataset, microbatchSize: Self.batch)
    for positions in plan.microbatches {
      let microbatch = dataset.microbatch(rows: Array(plan.rows[positions]), positions: positions)
      let pass = Pass(
        engine: engine, mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: microbatch.rows)
      let logits = saved.model(microbatch, pass)[0]
      for (index, position) in positions.enumerated() {
        let scores = UnsafeBufferPointer(start: logits.pointer + index * labelNames.count, count: labelNames.count)
        body(plan.rows[position], scores)
      }
    }
  }
}
