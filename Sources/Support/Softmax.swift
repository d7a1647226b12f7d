/// The softmax of one row of scores in Float64, and what comes of the same exponentials.
///
///     pₖ = exp(zₖ - m) / s,   s = Σ exp(zₖ - m),   m = max z,   ln pₖ = zₖ - m - ln s
package struct Softmax {
  package let scores: [Double]
  package let largest: Double
  package let exponentials: [Double]
  package let sum: Double

  package init(_ scores: [Double]) {
    let largest = scores.max() ?? 0
    self.scores = scores
    self.largest = largest
    exponentials = scores.map { PortableFunctions.exp($0 - largest) }
    sum = exponentials.reduce(0, +)
  }

  package init(_ scores: UnsafeBufferPointer<Float>) { self.init(scores.map(Double.init)) }

  package var probabilities: [Double] { exponentials.map { $0 / sum } }

  package var logarithms: [Double] {
    let logarithm = PortableFunctions.log(sum)
    return scores.map { $0 - largest - logarithm }
  }

  /// ln Σ exp(z).
  package var logSum: Double { largest + PortableFunctions.log(sum) }

  /// Minus the logarithm of one probability.
  package func crossEntropy(_ label: Int) -> Double {
    // The difference first: next to large scores the logarithm would be lost.
    PortableFunctions.log(sum) - (scores[label] - largest)
  }
}
