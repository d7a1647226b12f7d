import Support
import Training

/// Rows are to have their cosines in the order of their labels, over the whole batch.
///
///     loss = ln(1 + Σ exp((cosᵢ - cosⱼ) / temperature))        over all rows i, j with labelᵢ < labelⱼ
///
/// - Su, CoSENT: a more efficient sentence vector scheme than Sentence-BERT, kexue.fm/archives/8847 (2022).
/// - It is one number a batch, which is the loss of each of its rows.
package struct CoSENT: Sendable {
  package let temperature: Double

  package init(temperature: Double) { self.temperature = temperature }

  package func losses(_ batch: BatchVectors) -> BatchLosses {
    let rows = batch.weights.indices.filter { batch.weights[$0] > 0 && !batch.targets[$0].isNaN }
    let texts = UnitVectors(batch.values, chosen: rows.map { batch.borders[$0] }, width: batch.width)
    let others = UnitVectors(batch.values, chosen: rows.map { batch.borders[$0] + 1 }, width: batch.width)
    let scores = rows.indices.map { texts.cosine($0, others, $0) / temperature }
    let targets = rows.map { batch.targets[$0] }
    var largest = 0.0
    forEachPair(of: targets) { low, high in largest = max(largest, scores[low] - scores[high]) }
    var sum = PortableFunctions.exp(-largest)
    forEachPair(of: targets) { low, high in sum += PortableFunctions.exp(scores[low] - scores[high] - largest) }
    let loss = largest + PortableFunctions.log(sum)
    var slopes = [Double](repeating: 0, count: rows.count)
    forEachPair(of: targets) { low, high in
      let share = PortableFunctions.exp(scores[low] - scores[high] - loss)
      slopes[low] += share
      slopes[high] -= share
    }
    let total = rows.reduce(0) { $0 + batch.weights[$1] }
    var (unit, otherUnit) = (
      [Double](repeating: 0, count: texts.values.count), [Double](repeating: 0, count: others.values.count)
    )
    for row in rows.indices {
      let slope = slopes[row] * total / temperature
      others.add(row, times: slope, to: &unit, at: row)
      texts.add(row, times: slope, to: &otherUnit, at: row)
    }
    var gradients = [Double](repeating: 0, count: batch.values.count)
    for (offset, own) in [(0, texts.gradient(unit)), (1, others.gradient(otherUnit))] {
      for (place, row) in rows.enumerated() {
        let first = (batch.borders[row] + offset) * batch.width
        for column in 0..<batch.width { gradients[first + column] = own[place * batch.width + column] }
      }
    }
    var losses = [Double](repeating: 0, count: batch.weights.count)
    for row in rows { losses[row] = loss }
    return BatchLosses(losses: losses, gradients: gradients)
  }

  private func forEachPair(of targets: [Double], _ body: (_ low: Int, _ high: Int) -> Void) {
    for low in targets.indices {
      for high in targets.indices where targets[low] < targets[high] { body(low, high) }
    }
  }
}
