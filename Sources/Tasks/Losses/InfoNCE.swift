import Support
import Training

/// Each text is to be nearest to its own pair among all pairs of the global batch.
///
///     lossᵢ = -ln softmax(cos(aᵢ, c) / temperature)[own pair]        over all pairs c of the batch, then all negatives
///
/// - Papers: van den Oord et al., arXiv:1807.03748; Gao, Yao, Chen, SimCSE, arXiv:2104.08821.
/// - A row has a text, its pair, and perhaps negatives, which are candidates of every row.
/// - Symmetric: the mean of both directions; the other one has each pair look for its text among all texts.
package struct InfoNCE: Sendable {
  package let temperature: Double
  package let isSymmetric: Bool

  package init(temperature: Double, isSymmetric: Bool) {
    (self.temperature, self.isSymmetric) = (temperature, isSymmetric)
  }

  package func losses(_ batch: BatchVectors) -> BatchLosses {
    let rows = batch.weights.indices.filter { batch.weights[$0] > 0 }
    let first = rows.map { batch.borders[$0] }
    let negatives = rows.flatMap { Array(batch.borders[$0] + 2..<max(batch.borders[$0] + 2, batch.borders[$0 + 1])) }
    let candidates = first.map { $0 + 1 } + negatives
    let texts = UnitVectors(batch.values, chosen: first, width: batch.width)
    let others = UnitVectors(batch.values, chosen: candidates, width: batch.width)
    var scores = [Double](repeating: 0, count: texts.count * others.count)
    for text in 0..<texts.count {
      for other in 0..<others.count {
        scores[text * others.count + other] = texts.cosine(text, others, other) / temperature
      }
    }
    // The gradient by each score: of the texts' losses, and of the pairs'.
    var slopes = [Double](repeating: 0, count: scores.count)
    var losses = [Double](repeating: 0, count: batch.weights.count)
    let share = isSymmetric ? 0.5 : 1
    for (place, row) in rows.enumerated() {
      let forth = (0..<others.count).map { place * others.count + $0 }
      let back = (0..<texts.count).map { $0 * others.count + place }
      for cells in isSymmetric ? [forth, back] : [forth] {
        losses[row] += share * Self.loss(scores, cells, own: place, weight: share * batch.weights[row], &slopes)
      }
    }
    var (unit, candidateUnit) = (
      [Double](repeating: 0, count: texts.values.count), [Double](repeating: 0, count: others.values.count)
    )
    for text in 0..<texts.count {
      for other in 0..<others.count {
        let slope = slopes[text * others.count + other] / temperature
        others.add(other, times: slope, to: &unit, at: text)
        texts.add(text, times: slope, to: &candidateUnit, at: other)
      }
    }
    var gradients = [Double](repeating: 0, count: batch.values.count)
    for (chosen, own) in [(first, texts.gradient(unit)), (candidates, others.gradient(candidateUnit))] {
      for (place, sequence) in chosen.enumerated() {
        for column in 0..<batch.width { gradients[sequence * batch.width + column] = own[place * batch.width + column] }
      }
    }
    return BatchLosses(losses: losses, gradients: gradients)
  }

  /// The cross entropy of the scores in some cells, of which one is the right one; adds its weighted gradient to theirs.
  private static func loss(
    _ scores: [Double], _ cells: [Int], own: Int, weight: Double, _ slopes: inout [Double]
  ) -> Double {
    let largest = cells.reduce(-Double.infinity) { max($0, scores[$1]) }
    let sum = cells.reduce(0) { $0 + PortableFunctions.exp(scores[$1] - largest) }
    let logarithm = largest + PortableFunctions.log(sum)
    for cell in cells { slopes[cell] += weight * PortableFunctions.exp(scores[cell] - logarithm) }
    slopes[cells[own]] -= weight
    return logarithm - scores[cells[own]]
  }
}
