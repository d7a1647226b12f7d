import Glibc

/// From the scores of one row's classes to answers.
public enum Scores {
  /// The index of the largest score, the first of equals.
  public static func largest(_ scores: UnsafeBufferPointer<Float>) -> Int {
    scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  /// Probabilities of the classes, in Float64.
  public static func softmax(_ scores: UnsafeBufferPointer<Float>) -> [Double] {
    let largest = Double(scores.max() ?? 0)
    let exponentials = scores.map { exp(Double($0) - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  /// Minus the logarithm of the label's probability, in Float64.
  public static func crossEntropy(_ scores: UnsafeBufferPointer<Float>, label: Int) -> Double {
    let largest = Double(scores.max() ?? 0)
    // The difference first: next to large scores the logarithm would be lost.
    return log(scores.reduce(0.0) { $0 + exp(Double($1) - largest) }) - (Double(scores[label]) - largest)
  }
}
