import Console
import Data
import Layers
import Models
import Tensors

/// A model run over rows in evaluation mode, rows of similar length together.
struct Inference {
  let model: any Classifier
  let engine: Tensors.Engine

  /// Rows computed at once.
  private static let batch = 64

  /// Passes what the model gives to each batch, [sequences, columns], with the numbers of the batch's rows.
  func forEachBatch(
    of dataset: any Dataset, _ body: (_ rows: [Int], Pass, Microbatch, _ scores: Tensor) throws -> Void
  ) throws {
    let plan = EvaluationPlan(dataset: dataset, microbatchSize: Self.batch)
    let work = Work("computing", "rows", of: plan.rows.count)
    defer { work.end() }
    for positions in plan.microbatches {
      work.report(positions.lowerBound)
      let rows = Array(plan.rows[positions])
      let microbatch = dataset.microbatch(rows: rows, positions: positions)
      let pass = Pass(
        engine: engine, mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: microbatch.sequences)
      try body(rows, pass, microbatch, model(microbatch, pass)[0])
    }
  }
}
