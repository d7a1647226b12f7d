/// The vectors of all sequences of a global batch, in the order of its rows.
public struct BatchVectors: Sendable {
  /// Columns of a vector.
  public let width: Int
  /// [sequences × width]
  public let values: [Double]
  /// Where the sequences of each row begin, and the end of the last.
  public let borders: [Int]
  /// The first target of each row; nan where it has none.
  public let targets: [Double]
  /// Of each row; a row of weight 0 counts as none, also for the others.
  public let weights: [Double]

  public init(width: Int, values: [Double], borders: [Int], targets: [Double], weights: [Double]) {
    let rows = borders.count - 1
    precondition(
      borders.last.map { $0 * width == values.count } ?? false && targets.count == rows && weights.count == rows,
      "\(values.count) numbers in vectors of \(width), \(rows) rows, \(targets.count) targets, \(weights.count) weights"
    )
    (self.width, self.values, self.borders) = (width, values, borders)
    (self.targets, self.weights) = (targets, weights)
  }
}

/// What a batch objective makes of the vectors of a global batch.
public struct BatchLosses: Sendable {
  /// A loss a row.
  public let losses: [Double]
  /// The gradient of Σ weight × loss by each vector, [sequences × width].
  public let gradients: [Double]

  public init(losses: [Double], gradients: [Double]) { (self.losses, self.gradients) = (losses, gradients) }
}

/// The same, next to the vectors it is of.
struct BatchOutcome {
  let vectors: BatchVectors
  let losses: BatchLosses
}
