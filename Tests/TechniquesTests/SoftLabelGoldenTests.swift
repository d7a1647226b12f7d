import DataParallel
import Foundation
import Lockstep
import Tasks
import TestSupport
import Testing
import Training

/// Labels that are a probability a class, as PyTorch's cross entropy takes them.
@Suite("Golden: soft labels") struct SoftLabelGoldenTests {
  private static let scenario = "techniques/soft-labels"

  @Test("have the losses, norms and weights of PyTorch, however a batch is cut", arguments: [nil, 1, 2], ["", "{}"])
  func steps(microbatch: Int?, techniques: String) throws {
    let run = try GoldenFamily(
      Self.scenario, microbatch: { rows in microbatch.map { rows % $0 == 0 ? $0 : rows } ?? rows },
      configure: { if !techniques.isEmpty { try $0.install(techniques, totalSteps: 5) } })
    let deviations = try run.deviations()
    #expect(deviations.isEmpty, "\(deviations)")
  }

  @Test("have the gradients of PyTorch")
  func gradients() throws {
    let classes = try #require(Golden.tensors("families/" + Self.scenario, "inputs")["0.labels"]?.shape.last)
    let batch = try GoldenBatch(Self.scenario, task: SingleLabel(classes: classes))
    #expect(abs(batch.mean - batch.wanted) < 1e-5 * batch.wanted, "\(batch.mean), not \(batch.wanted)")
    #expect(batch.wrong.isEmpty, "\(batch.wrong)")
  }

  @Test("are smoothed as PyTorch smooths them")
  func smoothing() throws {
    let run = try GoldenFamily(Self.scenario, steps: 1) {
      try $0.install("label_smoothing: {epsilon: 0.1}", totalSteps: 5)
    }
    let facts = try #require(run.facts["losses_with_label_smoothing"] as? [String: Any])
    let wanted = try #require(facts["losses_of_batch_0"] as? Double)
    #expect(abs(run.reports[0].loss - wanted) < 1e-5 * wanted, "\(run.reports[0].loss), not \(wanted)")
  }

  @Test("are weighted class by class and divided by the rows, after they are smoothed", arguments: [0, 0.2])
  func classWeights(epsilon: Double) throws {
    let scores = try Golden.tensors("families/" + Self.scenario, "outputs").floats("logits").map(Double.init)
    let inputs = try Golden.tensors("families/" + Self.scenario, "inputs")
    let labels = try inputs.floats("0.labels").map(Double.init)
    let classes = try #require(inputs["0.labels"]?.shape.last)
    let weights = (0..<classes).map { 0.5 + Double($0) }
    let run = try GoldenFamily(Self.scenario, steps: 1) {
      let smoothing = epsilon > 0 ? ", label_smoothing: {epsilon: \(epsilon)}" : ""
      try $0.install("{class_weights: \(weights)\(smoothing)}", totalSteps: 5)
    }
    var sum = 0.0
    for row in 0..<labels.count / classes {
      let total = (0..<classes).reduce(0.0) { $0 + exp(scores[row * classes + $1]) }
      for index in 0..<classes {
        let label = (1 - epsilon) * labels[row * classes + index] + epsilon / Double(classes)
        sum -= weights[index] * label * log(exp(scores[row * classes + index]) / total)
      }
    }
    let wanted = sum / Double(labels.count / classes)
    #expect(abs(run.reports[0].loss - wanted) < 1e-5 * wanted, "\(run.reports[0].loss), not \(wanted)")
  }

  @Test("are learned by one class a row where they are certain")
  func certain() throws {
    func train(_ targets: (Int) -> [Float]) throws -> [Double] {
      let rows = SequenceRows(
        (0..<8).map { SequenceRows.Row([([2, Int32($0 + 5)], [0, 0])], targets: targets($0 % 3), weight: 1) })
      var parts = try TinyBert.parts(microbatch: 4)
      parts.dataset = rows
      parts.plan = try BatchPlan(rowCount: 8, batchSize: 8, microbatchSize: 4, seed: 1)
      try parts.install("label_smoothing: {epsilon: 0.1}", totalSteps: 3)
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: 7, totalSteps: 3),
        replicas: DataParallelGroup(SoloGroup(), reduction: .ordered))
      return try (0..<3).map { _ in try trainer.advance().loss }
    }
    let hard = try train { [Float($0)] }
    let soft = try train { label in
      Array(Targets(distributions: (0..<3).map { $0 == label ? 1 : 0 }, classes: 3)[0])
    }
    #expect(zip(hard, soft).allSatisfy { abs($0 - $1) < 1e-5 }, "\(hard), \(soft)")
  }
}
