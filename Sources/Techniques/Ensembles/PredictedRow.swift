import Data

/// One row's prediction, made of several models' or of one.
public struct PredictedRow: Sendable, Equatable {
  public var id: String
  /// The class or option; the labels or the first value as a text.
  public var label: String
  /// Of the classes, labels or options; or the values.
  public var probabilities: [Double]
  /// The probability of each label from which on it is given; nil where rows have no labels.
  public var thresholds: [Double]?
  /// The row's own options; nil where it has none.
  public var options: [String]?
  /// The row's words, where each has a tag; nil where the row is predicted as a whole.
  public var words: RowWords?

  public init(
    id: String, label: String, probabilities: [Double], thresholds: [Double]? = nil, options: [String]? = nil,
    words: RowWords? = nil
  ) {
    self.words = words
    (self.id, self.label, self.probabilities) = (id, label, probabilities)
    (self.thresholds, self.options) = (thresholds, options)
  }
}
