import Foundation

/// What the validation rows said about one set of weights.
public struct EvaluationReport: Sendable {
  public var step: Int
  /// `raw`, or the name of an average.
  public var weights: String
  public var rows: Int
  public var loss: Double
  /// Under the names of the task's measures: with more than two classes f1 is `f1_macro`.
  public var metrics: [(name: String, value: Double)]
  /// The class that f1, precision and recall are of; nil where none of them is among the metrics.
  public var positive: String?
  /// The mean training loss of the rows since the evaluation before; nil where no step was made.
  public var trainingLoss: Double?
  /// The task with what was chosen on these rows; nil where it chooses nothing.
  public internal(set) var tunedTask: (any LearningTask)?
  /// The F1 of each class, label or type of entity; empty where the task has none.
  public internal(set) var classF1: [(name: String, value: Double)] = []

  /// A figure as people read it.
  package static func fourPlaces(_ value: Double) -> String { String(format: "%.4f", value) }

  package init(
    step: Int, weights: String, rows: Int, loss: Double, metrics: [(name: String, value: Double)],
    positive: String? = nil, trainingLoss: Double? = nil
  ) {
    (self.step, self.weights, self.rows, self.loss) = (step, weights, rows, loss)
    (self.metrics, self.positive, self.trainingLoss) = (metrics, positive, trainingLoss)
  }

  public subscript(metric: String) -> Double? {
    metric == "loss"
      ? loss : (metrics.first { $0.name == metric } ?? metrics.first { $0.name == metric + "_macro" })?.value
  }
}
