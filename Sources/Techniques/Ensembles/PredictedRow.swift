/// One row of a file of predictions.
public struct PredictedRow: Sendable, Equatable {
  public var id: String
  /// The class name.
  public var label: String
  /// In the order of the classes.
  public var probabilities: [Double]
  /// What the probabilities are made of, where that is asked for.
  public var scores: [Double]?
  /// The number of the true class, where it is known.
  public var truth: Int?

  public init(id: String, label: String, probabilities: [Double], scores: [Double]? = nil, truth: Int? = nil) {
    self.id = id
    self.label = label
    self.probabilities = probabilities
    self.scores = scores
    self.truth = truth
  }
}
