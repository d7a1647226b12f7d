import Data
import Tensors

extension Pass {
  /// A loss a row, of the scores of its sequences; the result is [rows].
  ///
  /// - Parameters:
  ///   - scores: each [sequences, 1].
  ///   - loss: the loss of a row, and its derivatives by each of its scores, for each of the tensors.
  package func groupLosses(
    _ scores: [Tensor], _ batch: Microbatch,
    loss: (_ row: Int, _ own: [UnsafeBufferPointer<Float>]) -> (Double, [[Double]])
  ) -> Tensor {
    precondition(
      scores.allSatisfy { $0.count == batch.sequences.count },
      "scores \(scores.map(\.shape)) of \(batch.sequences.count) sequences")
    let result = result([batch.rows.count], from: scores)
    var slopes = [[Float]](repeating: [], count: scores.count)
    for row in batch.rows.indices {
      let sequences = batch.sequences(of: row)
      let (value, own) = loss(
        row, scores.map { UnsafeBufferPointer(start: $0.pointer + sequences.lowerBound, count: sequences.count) })
      result.values[row] = Float(value)
      for index in scores.indices { slopes[index] += own[index].map { Float($0) } }
    }
    record(result) { upstream in
      for (side, slopes) in zip(scores, slopes) where side.needsGradient {
        let slot = side.clearedGradient()
        for row in batch.rows.indices {
          for sequence in batch.sequences(of: row) { slot[sequence] += upstream[row] * slopes[sequence] }
        }
      }
    }
    return result
  }
}
