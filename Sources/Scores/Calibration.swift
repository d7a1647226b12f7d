/// Whether a classifier is right as often as it is sure: predictions in bins of equal width by their confidence.
///
/// The confidence of a prediction is the probability of the predicted class. The expected calibration error is the mean
/// distance of confidence and accuracy over the bins, weighted by their rows (Guo et al., On Calibration of Modern Neural
/// Networks, 2017, equation 3).
public struct Calibration: Sendable, Equatable {
  /// Predictions of similar confidence.
  public struct Bin: Sendable, Equatable {
    public fileprivate(set) var count = 0
    public fileprivate(set) var correct = 0
    fileprivate var confidenceSum = 0.0

    /// The share of its rows that were predicted right; 0 without rows.
    public var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }
    /// The mean confidence of its rows; 0 without rows.
    public var confidence: Double { count == 0 ? 0 : confidenceSum / Double(count) }
  }

  /// Bin k holds the confidences in (k/n, (k+1)/n], the first one 0 too.
  public private(set) var bins: [Bin]

  public init(bins: Int = 15) {
    precondition(bins >= 1, "confidences go into at least one bin, not \(bins)")
    self.bins = [Bin](repeating: Bin(), count: bins)
  }

  /// - Parameter confidence: the probability of the predicted class, 0 to 1.
  public mutating func add(confidence: Double, isCorrect: Bool) {
    precondition(0...1.000_001 ~= confidence, "\(confidence) is not a probability")
    let place = Int((confidence * Double(bins.count)).rounded(.up)) - 1
    let index = min(max(0, place), bins.count - 1)
    bins[index].count += 1
    bins[index].correct += isCorrect ? 1 : 0
    bins[index].confidenceSum += confidence
  }

  /// The number of rows.
  public var count: Int { bins.reduce(0) { $0 + $1.count } }

  /// The mean distance of confidence and accuracy, 0 (best) to 1.
  public var expectedError: Double {
    let sum = bins.reduce(0) { $0 + Double($1.count) * abs($1.accuracy - $1.confidence) }
    return count == 0 ? 0 : sum / Double(count)
  }

  /// The distance in the worst bin that has rows.
  public var largestError: Double { bins.map { abs($0.accuracy - $0.confidence) }.max() ?? 0 }
}
