/// What one committed or skipped step was like.
public struct StepReport: Sendable {
  /// Committed steps, this one included: 1 after the first.
  public var step: Int
  public var epoch: Int
  /// Mean over the rows of the global batch, of all terms together.
  public var loss: Double
  /// The mean of each term by name, where there is more than one.
  public var terms: [(name: String, value: Double)]
  public var learningRate: Double
  /// Norm of the reduced gradient before clipping.
  public var gradientNorm: Double
  public var rows: Int
  public var seconds: Double
  /// False where a gradient overflowed in mixed precision, and all ranks skipped the update.
  public var isCommitted: Bool

  public var samplesPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
}

/// What the validation rows said about one set of weights.
public struct EvaluationReport: Sendable {
  public var step: Int
  /// `raw`, or the name of an average.
  public var weights: String
  public var rows: Int
  public var loss: Double
  /// By the names of the recipe.
  public var metrics: [(name: String, value: Double)]

  public subscript(metric: String) -> Double? {
    metric == "loss" ? loss : metrics.first { $0.name == metric }?.value
  }
}
