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
