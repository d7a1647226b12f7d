import Data
import Tensors

extension Pass {
  /// A loss a window, the mean of that of its starts and that of its ends; the result is [windows].
  ///
  /// - Parameters:
  ///   - scores: each [tokens, 2], of starts and ends.
  ///   - loss: the loss of the starts (column 0) or the ends (column 1) of a window's tokens, and its derivatives by each of the
  ///     scores, for each of the tensors.
  package func spanLosses(
    _ scores: [Tensor], _ batch: Microbatch,
    loss: (_ tokens: Range<Int>, _ column: Int, _ own: [[Float]]) -> (Double, [[Double]])
  ) -> Tensor {
    let windows = batch.tokenWindows
    precondition(
      scores.allSatisfy { $0.count == 2 * (windows.last?.upperBound ?? 0) },
      "scores \(scores.map(\.shape)) of \(windows.last?.upperBound ?? 0) tokens")
    let result = result([windows.count], from: scores)
    var slopes = scores.map { [Float](repeating: 0, count: $0.count) }
    for (window, tokens) in windows.enumerated() {
      var sum = 0.0
      for column in 0..<2 {
        let own = scores.map { side in tokens.map { side.pointer[2 * $0 + column] } }
        let (value, derivatives) = loss(tokens, column, own)
        sum += value
        for side in scores.indices {
          for (token, slope) in zip(tokens, derivatives[side]) { slopes[side][2 * token + column] = Float(slope / 2) }
        }
      }
      result.values[window] = Float(sum / 2)
    }
    record(result) { upstream in
      for (side, slopes) in zip(scores, slopes) where side.needsGradient {
        let slot = side.clearedGradient()
        for (window, tokens) in windows.enumerated() {
          for index in 2 * tokens.lowerBound..<2 * tokens.upperBound { slot[index] += upstream[window] * slopes[index] }
        }
      }
    }
    return result
  }
}

extension Microbatch {
  /// The tokens of each window, which are all that are scored.
  var tokenWindows: [Range<Int>] {
    guard case .tokens(let batch) = input else { preconditionFailure("windows of tokens, and the rows are images") }
    return zip(batch.offsets, batch.offsets.dropFirst()).map { Int($0)..<Int($1) }
  }
}
