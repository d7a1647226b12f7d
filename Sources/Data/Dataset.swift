/// Rows that a model can be trained on or judged by.
public protocol Dataset: Sendable {
  var rowCount: Int { get }
  /// What a row costs, in tokens or pixels: rows of similar length go into one batch.
  func length(_ row: Int) -> Int
  /// The class of a row; -1 where the data has no labels.
  func label(_ row: Int) -> Int32
  /// What names a row outside: its id column, or else its number from 0.
  func sampleID(_ row: Int) -> Int
  /// Gathers rows.
  ///
  /// - Parameter positions: where the rows stand in the global batch; as many as rows.
  func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch
}

extension Dataset {
  /// The length of every row, as `BatchPlan` takes them.
  public var lengths: [Int32] { (0..<rowCount).map { Int32(length($0)) } }

  /// Gathers one microbatch of a step.
  public func microbatch(_ index: Int, of step: StepPlan) -> Microbatch {
    let positions = step.microbatches[index]
    return microbatch(rows: Array(step.rows[positions]), positions: positions)
  }
}
