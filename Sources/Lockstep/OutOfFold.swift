import Data
import Layers
import Schedules
import Support
import Techniques
import Tensors
import Training

/// What models say about the rows they were not trained on, fold by fold: what `Stacking` is fitted on.
public struct OutOfFold {
  private var lines: [(order: Int, text: String)] = []

  public init() {}

  /// Adds the predictions of held-out rows by the weights that a trainer has now, made by all ranks together.
  public mutating func add(_ rows: any Dataset, by trainer: Trainer) throws {
    let plan = EvaluationPlan(dataset: rows, microbatchSize: trainer.settings.evaluationBatch)
    let (group, task) = (trainer.replicas.group, trainer.task)
    let share = SummationTree.shares(leaves: plan.microbatches.count, ranks: group.size)[group.rank]
    let own = plan.microbatches[share].flatMap { positions in
      Self.answers(Array(plan.rows[positions]), of: rows, by: trainer)
    }
    let everyone = try trainer.replicas.gather(own, name: "out-of-fold predictions", step: trainer.step)
    let numbers = Array(everyone.joined())
    var end = 0
    for row in plan.rows {
      let start = end
      end += (rows.words(row).map { $0.areRead.count { $0 } } ?? 1) * task.answerWidth
      let answer = task.answer(numbers[start..<end], to: row, of: rows)
      let line = AnswerText.line(
        id: rows.rowID(row), answer, more: [("truth", task.truth(of: row, in: rows))])
      lines.append((rows.sampleID(row), line + "\n"))
    }
  }

  private static func answers(_ rows: [Int], of dataset: any Dataset, by trainer: Trainer) -> [Double] {
    let microbatch = dataset.microbatch(rows: rows, positions: 0..<rows.count)
    let pass = Pass(
      engine: trainer.engine, mode: .evaluation, tape: nil,
      randomness: Pass.Randomness(seed: trainer.settings.seed, step: 0, pass: 0), rows: microbatch.sequences,
      precision: trainer.settings.precision)
    return trainer.task.answers(trainer.model(microbatch, pass)[0], microbatch)
  }

  /// One line a row, in the order of the ids: the form of `lockstep predict`, with the true class.
  public var text: String { lines.sorted { $0.order < $1.order }.map(\.text).joined() }
}
