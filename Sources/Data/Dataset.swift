/// Rows that a model can be trained on or judged by.
public protocol Dataset: Sendable {
  var rowCount: Int { get }
  /// What a row costs, in tokens or pixels: rows of similar length go into one batch.
  func length(_ row: Int) -> Int
  /// Windows that a long row is read in, all at once; 1 where it is one sequence, or a few with their own scores.
  func windows(_ row: Int) -> Int
  /// The targets of a row: the number of its class, perhaps with the probability of each class behind it, or a number a
  /// label or value, nan where one is missing; empty where the data has none.
  func targets(_ row: Int) -> [Float]
  /// The words of a row of which each has its own target and scores; nil where the row has them as a whole. Those that are
  /// not read have neither.
  func words(_ row: Int) -> RowWords?
  /// The same rows, of which every token of a word has its own target and scores; the rows themselves where words have
  /// none.
  var labellingPieces: any Dataset { get }
  /// The same rows, of which every token has scores, the special ones too: those without a target of a word have none.
  var scoringAllTokens: any Dataset { get }
  /// How much a row counts in losses: 1, the number of its labelled tokens, or 0 where it has no target. Never negative.
  ///
  /// A function of the data alone, so that every rank knows the weight of any global batch before it computes anything.
  func weight(_ row: Int) -> Float
  /// The number of a row in the ledger: its id where the ids of all rows are whole numbers, else its own from 0.
  func sampleID(_ row: Int) -> Int
  /// The name of a row outside: its id as it is written, else its number from 0.
  func rowID(_ row: Int) -> String
  /// Gathers rows.
  ///
  /// - Parameter positions: where the rows stand in the global batch; as many as rows.
  func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch
  /// The rows as a step sees them, where what is learned of them is drawn anew at every step; weights, too.
  ///
  /// A function of the step and of the data alone. Rows that no step has drawn are those that are judged.
  func drawn(at step: Int) -> any Dataset
}

extension Dataset {
  /// The class of a row whose target is one; -1 where it has none.
  public func label(_ row: Int) -> Int32 {
    guard let target = targets(row).first, let label = Int32(exactly: target), label >= 0 else { return -1 }
    return label
  }

  public func drawn(at step: Int) -> any Dataset { self }

  /// The class of each word of a row, -1 where it has none.
  public func wordLabels(_ row: Int) -> [Int32] { targets(row).map { max(-1, Int32(exactly: $0) ?? -1) } }

  public func words(_ row: Int) -> RowWords? { nil }

  public var labellingPieces: any Dataset { self }

  public var scoringAllTokens: any Dataset { self }

  public func windows(_ row: Int) -> Int { 1 }

  public func weight(_ row: Int) -> Float { 1 }

  public func rowID(_ row: Int) -> String { String(sampleID(row)) }

  /// The length of every row, as `BatchPlan` takes them.
  public var lengths: [Int32] { (0..<rowCount).map { Int32(length($0)) } }

  /// Gathers one microbatch of a step.
  public func microbatch(_ index: Int, of step: StepPlan) -> Microbatch {
    let positions = step.microbatches[index]
    return microbatch(rows: Array(step.rows[positions]), positions: positions)
  }
}

extension Sequence<Int> {
  /// The weight of these rows together, added in their order.
  public func weight(in dataset: some Dataset) -> Double { reduce(0) { $0 + Double(dataset.weight($1)) } }
}
