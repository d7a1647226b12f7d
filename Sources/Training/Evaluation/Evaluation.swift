import Console
import Data
import DataParallel
import Layers
import Models
import Schedules
import Scores
import Tensors

extension Trainer {
  /// Measures the present weights on the validation rows: the same call on every rank, and the same figures there.
  /// - Returns: nil where the parts have no validation rows.
  public func evaluate() throws -> EvaluationReport? {
    let evaluation = Evaluation(parts: parts, settings: settings, replicas: replicas, engine: engine)
    return try evaluation?(step: step, weights: "raw")
  }
}

/// Looks at validation rows with one set of weights: every row exactly once over all ranks, counts summed and divided once.
package final class Evaluation {
  private let parts: TrainingParts
  private let settings: TrainingSettings
  private let replicas: DataParallelGroup
  private let engine: Tensors.Engine
  private let dataset: any Dataset
  private let plan: EvaluationPlan

  package init?(parts: TrainingParts, settings: TrainingSettings, replicas: DataParallelGroup, engine: Tensors.Engine) {
    guard let dataset = parts.validation else { return nil }
    self.parts = parts
    self.settings = settings
    self.replicas = replicas
    self.engine = engine
    self.dataset = dataset
    plan = EvaluationPlan(dataset: dataset, microbatchSize: settings.evaluationBatch)
  }

  /// Evaluates the model's present weights.
  package func callAsFunction(step: Int, weights: String) throws -> EvaluationReport {
    let leaves = plan.microbatches.count
    var losses: [Double] = []
    var answers: [Double] = []
    var comparands = Comparands()
    let share = replicas.share(of: leaves)
    let work = Work("validating", "after step \(step)", of: plan.microbatches[share].reduce(0) { $0 + $1.count })
    defer { work.end() }
    for leaf in share {
      work.report(plan.microbatches[leaf].lowerBound - plan.microbatches[share.lowerBound].lowerBound)
      let figures = evaluate(plan.microbatches[leaf])
      losses.append(figures.loss)
      answers += figures.answers
      comparands += figures.comparands
    }
    let everyone = try replicas.gather(losses, name: "evaluation losses", step: step).flatMap { $0 }
    var all = try replicas.gather(answers, name: "evaluation answers", step: step).flatMap { $0 }
    var width = parts.task.answerWidth
    if let compared = try comparisons(comparands, of: share, step: step) {
      all = all.interleaved(width: width, with: compared)
      width += 1
    }
    let weight = plan.rows.weight(in: dataset)
    let loss = weight > 0 ? SummationTree(leaves: leaves).sum { everyone[$0] } / weight : 0
    let scored = parts.task.scored(plan.rows, all, in: dataset, width: width)
    let task = parts.task.isTuned ? parts.task.tuned(on: scored) : parts.task
    let measures = settings.measures(of: task)
    var report = EvaluationReport(
      step: step, weights: weights, rows: plan.rows.count, loss: loss,
      metrics: measures.map { ($0.name, $0.value(scored)) },
      positive: measures.contains(where: \.isOfPositiveClass) ? task.positive : nil)
    report.tunedTask = task.isTuned ? task : nil
    if scored.rows > 0, scored.outputs.allSatisfy(\.isFinite) {
      report.classF1 = task.report(of: scored)?.classes.map { ($0.name, $0.f1) } ?? []
    }
    return report
  }

  /// The task, where the measures of this evaluation compare rows.
  private lazy var comparing: (any ComparingTask)? = {
    guard let task = parts.task as? any ComparingTask, task.compares(for: settings.measures(of: task)) else {
      return nil
    }
    return task
  }()

  /// What comparing every row with all others gives, in the order of the plan; nil where no measure asks for it.
  private func comparisons(_ own: Comparands, of share: Range<Int>, step: Int) throws -> [Double]? {
    guard let comparing else { return nil }
    let candidates = try replicas.gather(own.candidates, name: "evaluation candidates", step: step).flatMap { $0 }
    let first = share.isEmpty ? 0 : plan.microbatches[share.lowerBound].lowerBound
    let compared = comparing.comparisons(own.queries, from: first, with: candidates, of: plan.rows.count)
    return try replicas.gather(compared, name: "evaluation comparisons", step: step).flatMap { $0 }
  }

  /// - Returns: the sum of the losses, each times its weight, the answers to the rows, and what they are compared by.
  private func evaluate(_ positions: Range<Int>) -> (loss: Double, answers: [Double], comparands: Comparands) {
    let rows = Array(plan.rows[positions])
    let microbatch = dataset.microbatch(rows: rows, positions: positions)
    let pass = Pass(
      engine: engine, mode: .evaluation, tape: nil,
      randomness: Pass.Randomness(seed: settings.seed, step: 0, pass: 0), rows: microbatch.sequences,
      precision: settings.precision)
    let scores = parts.model(microbatch, pass)[0]
    let losses = parts.task.losses(scores, microbatch, pass)
    let sum = zip(losses.losses.values, losses.weights ?? rows.map(dataset.weight)).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1)
    }
    return (
      sum, parts.task.answers(scores, microbatch), comparing?.comparands(scores, microbatch) ?? Comparands()
    )
  }
}

extension [Int] {
  /// Answers to these rows of a data set, beside their targets.
  package func scored(_ answers: [Double], in dataset: any Dataset, width: Int) -> ScoredRows {
    let rows = map { dataset.targets($0).map(Double.init) }
    let targets = rows.flatMap { $0 }
    guard let first, dataset.words(first) != nil else {
      return ScoredRows(
        width: width, outputs: answers, targetWidth: isEmpty ? 1 : targets.count / count, targets: targets)
    }
    return ScoredRows(
      width: width, outputs: answers, targets: targets,
      groups: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }
}
