/// Facts of the global batch that an objective may need, the same on every rank.
public struct StepContext: Sendable {
  /// The committed step, from 0.
  public let step: Int
  public let epoch: Int
  /// The labels of all rows of the global batch.
  public let labels: [Int32]
  /// The weights of all rows of the global batch.
  public let weights: [Float]
  /// Their sum, by which every loss is divided.
  public let weight: Double
  /// The labels of all words of the global batch that have scores, -1 of those without one; nil where rows are labelled as a
  /// whole.
  public let wordLabels: (@Sendable () -> [Int32])?

  /// - Parameter weights: nil for rows that all count 1.
  public init(
    step: Int, epoch: Int, labels: [Int32], weights: [Float]? = nil, wordLabels: (@Sendable () -> [Int32])? = nil
  ) {
    precondition(
      weights.map { $0.count == labels.count } ?? true, "\(weights?.count ?? 0) weights, \(labels.count) rows")
    self.step = step
    self.epoch = epoch
    self.labels = labels
    self.wordLabels = wordLabels
    self.weights = weights ?? [Float](repeating: 1, count: labels.count)
    weight = self.weights.reduce(0) { $0 + Double($1) }
  }
}
