import Data
import Tensors

extension BatchGradient {
  /// The first phase of a batch objective: the vectors of all rows at the present weights, and what it makes of them.
  ///
  /// The forwards have no tape, but the masks of those that will have one.
  func outcome(of objective: any BatchObjective, _ batch: GlobalBatch, name: String) throws -> BatchOutcome {
    let step = batch.context.step
    var (counts, values): ([Int], [Double]) = ([], [])
    track.span(.forward) {
      for leaf in batch.share {
        let positions = batch.plan.microbatches[leaf]
        let input = batch.dataset.microbatch(rows: Array(batch.plan.rows[positions]), positions: positions)
        let pass = Pass(
          engine: engine, mode: .training, tape: nil,
          randomness: Pass.Randomness(seed: settings.seed, step: step, pass: 0), rows: input.sequences,
          precision: settings.precision)
        values += parts.model(input, pass)[0].values.lazy.map(Double.init)
        counts += input.rows.indices.map { input.sequences(of: $0).count }
      }
    }
    let everyone = try replicas.gather(counts, name: name + " sequences", step: step).flatMap(\.self)
    let all = try replicas.gather(values, name: name + " vectors", step: step).flatMap(\.self)
    let borders = everyone.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let rows = batch.plan.rows
    let vectors = BatchVectors(
      width: parts.model.labels, values: all, borders: borders,
      targets: rows.map { batch.dataset.targets($0).first.map(Double.init) ?? .nan },
      weights: rows.map { Double(batch.dataset.weight($0)) })
    return BatchOutcome(vectors: vectors, losses: objective.losses(vectors))
  }
}
