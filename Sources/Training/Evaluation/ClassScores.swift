import Support

/// From the scores of one row's classes to answers.
public enum ClassScores {
  /// The index of the largest score, the first of equals.
  public static func largest(_ scores: UnsafeBufferPointer<Float>) -> Int {
    scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  /// Probabilities of the classes, in Float64.
  public static func softmax(_ scores: UnsafeBufferPointer<Float>) -> [Double] {
    Softmax(scores).probabilities
  }

  /// Minus the logarithm of the label's probability, in Float64.
  public static func crossEntropy(_ scores: UnsafeBufferPointer<Float>, label: Int) -> Double {
    Softmax(scores).crossEntropy(label)
  }
}
