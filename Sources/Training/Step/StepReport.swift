import Foundation
import Layers

/// What one committed or skipped step was like.
public struct StepReport: Sendable {
  /// Committed steps, this one included: 1 after the first.
  public var step: Int
  /// From 0; what people read counts from 1.
  public var epoch: Int
  /// Mean over the weight of the global batch, of all terms together.
  public var loss: Double
  /// Sum of the loss over the rows of the global batch, each times its weight.
  public var lossSum: Double
  /// The mean of each term by name, where there is more than one.
  public var terms: [(name: String, value: Double)]
  public var learningRate: Double
  /// Norm of the reduced gradient before clipping.
  public var gradientNorm: Double
  public var rows: Int
  /// What `lossSum` is divided by: the weight of all rows of the global batch.
  public var lossWeight: Double
  /// `SampleHash` of the ids of the rows that were computed, in the order of the global batch.
  public var samples: UInt64
  public var seconds: Double
  /// False where a gradient overflowed in mixed precision, and all ranks skipped the update.
  public var isCommitted: Bool
  /// What is frozen from this step on, where that is new.
  public var freezing: Freezing?
  /// Hashes of what all ranks hold after the step, where it was compared.
  public var state: StateHash?

  public var samplesPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
}

/// The parts of a model that are not trained.
public struct Freezing: Sendable, Equatable {
  /// Modules and parameters, as the recipe names them.
  public var paths: [String]
  /// Elements of all frozen parameters, and of all parameters.
  public var frozen: Int
  public var total: Int

  /// - Parameter state: of a model where those paths are frozen at the moment.
  public init(_ paths: [String], of state: ModelState) {
    self.paths = paths
    let sizes = state.parameters.map { (isFrozen: $0.isFrozen, count: $0.shape.count) }
    frozen = sizes.reduce(0) { $0 + ($1.isFrozen ? $1.count : 0) }
    total = sizes.reduce(0) { $0 + $1.count }
  }
}

extension Freezing: CustomStringConvertible {
  public var description: String {
    paths.isEmpty ? "nothing" : paths.joined(separator: ", ") + " (\(frozen) of \(total) weights)"
  }
}

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
  static func fourPlaces(_ value: Double) -> String { String(format: "%.4f", value) }

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
