/// One row of a file of predictions.
public struct PredictedRow: Sendable, Equatable {
  public var id: String
  /// The class name.
  public var label: String
  /// In the order of the classes.
  public var probabilities: [Double]

  public init(id: String, label: String, probabilities: [Double]) {
    self.id = id
    self.label = label
    self.probabilities = probabilities
  }
}
