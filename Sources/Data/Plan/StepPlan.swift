/// Which rows one step sees, and how they are cut.
public struct StepPlan: Sendable, Equatable {
  /// The step, counted from 0 over the whole run.
  public let step: Int
  public let epoch: Int
  /// The step within its epoch, from 0.
  public let indexInEpoch: Int
  /// The dataset's rows in the order of the global batch.
  public let rows: [Int]
  /// Positions in `rows`, one range per microbatch; all but the last are equally long.
  public let microbatches: [Range<Int>]
}

/// Cuts 0 ..< count into ranges of at most `size`.
func ranges(of count: Int, size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
}
