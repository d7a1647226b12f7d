import Tensors

/// The microbatches of an evaluation: every row exactly once, rows of similar length together.
public struct EvaluationPlan: Sendable {
  /// The dataset's rows in the order in which they are evaluated: by length, then by row.
  public let rows: [Int]
  /// Positions in `rows`, one range per microbatch.
  public let microbatches: [Range<Int>]

  /// - Parameter microbatchSize: rows of a microbatch, of which one that is read in windows counts as so many.
  public init(dataset: some Dataset, microbatchSize: Int) {
    require(microbatchSize > 0, "a microbatch of \(microbatchSize) rows")
    rows = (0..<dataset.rowCount).sorted { (dataset.length($0), $0) < (dataset.length($1), $1) }
    var (microbatches, first, count): ([Range<Int>], Int, Int) = ([], 0, 0)
    for (position, row) in rows.enumerated() {
      let windows = dataset.windows(row)
      if position > first, count + windows > microbatchSize {
        microbatches.append(first..<position)
        (first, count) = (position, 0)
      }
      count += windows
    }
    self.microbatches = microbatches + (first < rows.count ? [first..<rows.count] : [])
  }
}
