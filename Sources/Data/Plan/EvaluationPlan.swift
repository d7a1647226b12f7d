import Tensors

/// The microbatches of an evaluation: every row exactly once, rows of similar length together.
public struct EvaluationPlan: Sendable {
  /// The dataset's rows in the order in which they are evaluated: by length, then by row.
  public let rows: [Int]
  /// Positions in `rows`, one range per microbatch.
  public let microbatches: [Range<Int>]

  public init(dataset: some Dataset, microbatchSize: Int) {
    require(microbatchSize > 0, "a microbatch of \(microbatchSize) rows")
    rows = (0..<dataset.rowCount).sorted { (dataset.length($0), $0) < (dataset.length($1), $1) }
    microbatches = ranges(of: rows.count, size: microbatchSize)
  }
}
