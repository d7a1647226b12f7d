import Data
import Tensors

extension Pass {
  /// The cosine of the two vectors of each row, from vectors [sequences, width]; the result is [rows].
  package func cosines(_ vectors: Tensor, _ batch: Microbatch) -> Tensor {
    let width = vectors.count / max(1, batch.sequences.count)
    let (texts, others) = UnitVectors.pairs(vectors, batch)
    let result = result([batch.rows.count], from: [vectors])
    for row in batch.rows.indices { result.values[row] = Float(texts.cosine(row, others, row)) }
    record(result) { upstream in
      var (unit, otherUnit) = (
        [Double](repeating: 0, count: texts.values.count), [Double](repeating: 0, count: others.values.count)
      )
      for row in batch.rows.indices {
        others.add(row, times: Double(upstream[row]), to: &unit, at: row)
        texts.add(row, times: Double(upstream[row]), to: &otherUnit, at: row)
      }
      let slot = vectors.clearedGradient()
      for (offset, own) in [(0, texts.gradient(unit)), (1, others.gradient(otherUnit))] {
        for row in batch.rows.indices {
          let first = (batch.sequences(of: row).lowerBound + offset) * width
          for column in 0..<width { slot[first + column] += Float(own[row * width + column]) }
        }
      }
    }
    return result
  }
}

extension UnitVectors {
  /// The first and the second vector of each row.
  static func pairs(_ vectors: Tensor, _ batch: Microbatch) -> (UnitVectors, UnitVectors) {
    precondition(
      batch.rows.indices.allSatisfy { batch.sequences(of: $0).count >= 2 }, "a row of one sequence has no cosine")
    let width = vectors.count / max(1, batch.sequences.count)
    let values = vectors.values.map(Double.init)
    let first = batch.rows.indices.map { batch.sequences(of: $0).lowerBound }
    return (
      UnitVectors(values, chosen: first, width: width), UnitVectors(values, chosen: first.map { $0 + 1 }, width: width)
    )
  }
}
