import Collectives
import Console
import Data
import Layers
import Scores
import Models
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
final class Evaluation {
  private let parts: TrainingParts
  private let settings: TrainingSettings
  private let replicas: Replicas
  private let engine: Tensors.Engine
  private let dataset: any Dataset
  private let plan: EvaluationPlan

  init?(parts: TrainingParts, settings: TrainingSettings, replicas: Replicas, engine: Tensors.Engine) {
    guard let dataset = parts.validation else { return nil }
    self.parts = parts
    self.settings = settings
    self.replicas = replicas
    self.engine = engine
    self.dataset = dataset
    plan = EvaluationPlan(dataset: dataset, microbatchSize: settings.evaluationBatch)
  }

  /// Evaluates the model's present weights.
  func callAsFunction(step: Int, weights: String) throws -> EvaluationReport {
    let leaves = plan.microbatches.count
    var confusion = ConfusionMatrix(classes: parts.model.labels)
    var losses: [Double] = []
    let share = replicas.share(of: leaves)
    let work = Work("validating", "after step \(step)", of: plan.microbatches[share].reduce(0) { $0 + $1.count })
    defer { work.end() }
    for leaf in share {
      work.report(plan.microbatches[leaf].lowerBound - plan.microbatches[share.lowerBound].lowerBound)
      losses.append(evaluate(plan.microbatches[leaf], into: &confusion))
    }
    let everyone = try replicas.gather(losses, name: "evaluation losses", step: step).flatMap { $0 }
    let counts = try replicas.gather(confusion.counts.map(Double.init), name: "evaluation counts", step: step)
    let total = counts.reduce(into: ConfusionMatrix(classes: parts.model.labels)) { total, one in
      total.merge(ConfusionMatrix(classes: parts.model.labels, counts: one.map { Int64($0) }))
    }
    let weight = plan.rows.weight(in: dataset)
    let loss = weight > 0 ? SummationTree(leaves: leaves).sum { everyone[$0] } / weight : 0
    let metrics = Metric.reported(settings.metrics, classes: total.classes)
    return EvaluationReport(
      step: step, weights: weights, rows: plan.rows.count, loss: loss,
      metrics: metrics.map { ($0.rawValue, $0.value(of: total, positive: settings.positive.index)) },
      positive: metrics.contains(where: \.isOfPositiveClass) ? settings.positive.name : nil)
  }

  /// - Returns: the sum of the rows' cross entropies, each times the weight of its row.
  private func evaluate(_ positions: Range<Int>, into confusion: inout ConfusionMatrix) -> Double {
    let microbatch = dataset.microbatch(rows: Array(plan.rows[positions]), positions: positions)
    let pass = Pass(
      engine: engine, mode: .evaluation, tape: nil,
      randomness: Pass.Randomness(seed: settings.seed, step: 0, pass: 0), rows: microbatch.rows,
      precision: settings.precision)
    let logits = parts.model(microbatch, pass)[0]
    let losses = pass.crossEntropy(logits, labels: microbatch.labels)
    let classes = parts.model.labels
    for (row, label) in microbatch.labels.enumerated() {
      let scores = UnsafeBufferPointer(start: logits.pointer + row * classes, count: classes)
      confusion.add(label: Int(label), prediction: ClassScores.largest(scores))
    }
    return zip(losses.values, plan.rows[positions]).reduce(0.0) { $0 + Double($1.0) * Double(dataset.weight($1.1)) }
  }
}
