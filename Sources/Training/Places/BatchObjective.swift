import Tensors

/// An objective whose loss of a row depends on all rows of the global batch: each has the others as its negatives.
///
/// A step computes it in two phases, so that neither microbatches nor ranks change it (Gao et al., Scaling deep contrastive
/// learning batch size under memory limited setup, arXiv:2101.06983):
///
///     every microbatch of every rank without a tape → vectors of all rows, gathered in the order of the rows
///     losses, and their gradient by each vector, in Float64 and on every rank the same
///     every microbatch again, with the same dropout masks and a tape that begins with the gradient of its own vectors
public protocol BatchObjective: Objective {
  /// The name of its loss in metrics.jsonl.
  var lossName: String { get }

  /// The loss of each row, and the gradient of their weighted sum by each vector.
  func losses(_ batch: BatchVectors) -> BatchLosses
}

extension BatchObjective {
  public var forwards: Int { 1 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    guard let batch = forward.batch else {
      preconditionFailure("\(lossName) is of a whole batch, and the forward of a microbatch has none")
    }
    return [LossTerm(name: lossName, losses: batch.losses(forward))]
  }
}

extension BatchOutcome {
  /// The losses of a microbatch, whose backward passes on what the whole batch makes of its vectors.
  func losses(_ forward: Forward) -> Tensor {
    let scores = forward.scores(0)[0]
    let rows = forward.microbatch.rows.map { Int($0) }
    let result = forward.pass.result([rows.count], from: [scores])
    for (place, row) in rows.enumerated() { result.values[place] = Float(losses.losses[row]) }
    forward.pass.record(result) { upstream in
      let slot = scores.clearedGradient()
      for (place, row) in rows.enumerated() where vectors.weights[row] > 0 {
        // What comes from above is the row's weight times a factor; the gradient has the weights of all rows in it.
        let factor = Double(upstream[place]) / vectors.weights[row]
        let own = forward.microbatch.sequences(of: place).lowerBound * vectors.width
        let first = vectors.borders[row] * vectors.width
        for index in 0..<(vectors.borders[row + 1] - vectors.borders[row]) * vectors.width {
          slot[own + index] += Float(factor * losses.gradients[first + index])
        }
      }
    }
    return result
  }
}
