import Collectives
import Data
import Scores
import Techniques
import Tensors
import Training

/// What models say about the rows they were not trained on, fold by fold: what `Stacking` is fitted on.
public struct OutOfFold {
  private var lines: [(order: Int, text: String)] = []

  public init() {}

  /// Adds the predictions of held-out rows by the weights that a trainer has now, made by all ranks together.
  public mutating func add(_ rows: any Dataset, labels: [String], by trainer: Trainer) throws {
    let plan = EvaluationPlan(dataset: rows, microbatchSize: trainer.settings.evaluationBatch)
    let group = trainer.replicas.group
    let share = SummationTree.shares(leaves: plan.microbatches.count, ranks: group.size)[group.rank]
    let own = plan.microbatches[share].flatMap { positions in
      Self.probabilities(Array(plan.rows[positions]), of: rows, by: trainer).joined()
    }
    let everyone = try trainer.replicas.gather(own, name: "out-of-fold predictions", step: trainer.step)
    let numbers = Array(everyone.joined())
    for (place, row) in plan.rows.enumerated() {
      let probabilities = Array(numbers[place * labels.count..<(place + 1) * labels.count])
      let predicted = PredictedRow(
        id: rows.rowID(row), label: labels[probabilities.largestIndex ?? 0], probabilities: probabilities,
        truth: Int(rows.label(row)))
      lines.append((rows.sampleID(row), PredictionText(.jsonl, classes: labels).text([predicted])))
    }
  }

  private static func probabilities(_ rows: [Int], of dataset: any Dataset, by trainer: Trainer) -> [[Double]] {
    let microbatch = dataset.microbatch(rows: rows, positions: 0..<rows.count)
    let pass = Pass(
      engine: trainer.engine, mode: .evaluation, tape: nil,
      randomness: Pass.Randomness(seed: trainer.settings.seed, step: 0, pass: 0), rows: microbatch.rows,
      precision: trainer.settings.precision)
    let scores = trainer.parts.model(microbatch, pass)[0]
    let classes = scores.shape[1]
    return rows.indices.map {
      ClassScores.softmax(UnsafeBufferPointer(start: scores.pointer + $0 * classes, count: classes))
    }
  }

  /// One line a row, in the order of the ids: the form of `lockstep predict`, with the true class.
  public var text: String { lines.sorted { $0.order < $1.order }.map(\.text).joined() }
}
