import Collectives
import Foundation
import Layers
import Lockstep
import Models
import Optimizers
import Techniques
import Tensors
import TestSupport
import Testing

/// Losses of words, next to the plain one that the table of all tasks has.
@Suite struct WordLossTests {
  private static let words = named("token-classification")
  private static let chain = named("token-classification, a chain")

  private static func named(_ name: String) -> TaskInvarianceTests.Case {
    guard let own = TaskInvarianceTests.Case.all.first(where: { $0.name == name }) else {
      preconditionFailure("no case is called \(name)")
    }
    return own
  }

  @Test(
    "Losses of a word's one class are the same however a batch is cut, to the bit on any number of ranks",
    arguments: [
      "label_smoothing: {epsilon: 0.1}", "class_weights: balanced",
      "{class_weights: [1, 2, 0.5, 3, 1], label_smoothing: {}, r_drop: {}}", "focal_loss: {gamma: 2}",
      "{focal_loss: {weights: [1, 2, 3, 4, 5]}, self_distillation: {last: 2}}", "r_drop: {tokens: all}",
      "{r_drop: {tokens: all, alpha: 2}, self_distillation: {}, class_weights: balanced, fgm: {}}",
    ])
  func wordLosses(techniques: String) throws {
    let task = Self.words
    try task.expectSameAtEveryCut(techniques)
    try task.expectSameBits(techniques)
    let plain = try task.train(ranks: 1, microbatches: 1, techniques: "")
    #expect(try task.train(ranks: 1, microbatches: 1, techniques: techniques).losses != plain.losses)
  }

  @Test("A chain of tags refuses what changes the loss of a word, by name")
  func chainRefusals() {
    for techniques in [
      "label_smoothing: {}", "class_weights: balanced", "class_weights: [1, 1, 1, 1, 1]", "focal_loss: {}",
    ] {
      let error = #expect(throws: RecipeError.self) {
        try Self.chain.parts(microbatches: 1, techniques: techniques)
      }
      #expect(error?.problem.contains("task.crf scores all words of a text together") == true)
    }
    #expect(throws: Never.self) { try Self.chain.parts(microbatches: 1, techniques: "label_smoothing: false") }
    let tokens = #expect(throws: RecipeError.self) {
      try Self.chain.parts(microbatches: 1, techniques: "r_drop: {tokens: all}")
    }
    #expect(tokens?.key == "techniques.r_drop.tokens")
  }

  @Test("The mean over words is by the weights of their classes, smoothed over all classes")
  func weightedWords() throws {
    let task = Self.words
    let weights: [Double] = [1, 2, 0.5, 3, 1]
    let parts = try task.parts(
      microbatches: 1, techniques: "{class_weights: [1, 2, 0.5, 3, 1], label_smoothing: {epsilon: 0.2}}")
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 7, totalSteps: 4),
      replicas: DataParallelGroup(SoloGroup(), reduction: .ordered))
    let rows = parts.plan.step(0).rows
    let batch = task.rows.microbatch(rows: Array(rows), positions: 0..<rows.count)
    let pass = Pass(
      engine: Engine(), mode: .training, tape: nil, randomness: Pass.Randomness(seed: 7, step: 0, pass: 0),
      rows: batch.rows)
    let scores = parts.model(batch, pass)[0]
    var (sum, total) = (0.0, 0.0)
    for (word, label) in batch.labels.enumerated() where label >= 0 {
      let own = (0..<5).map { Double(scores.values[word * 5 + $0]) }
      let logarithm = log(own.reduce(0) { $0 + exp($1) })
      let target = (0..<5).map { 0.2 / 5 + ($0 == Int(label) ? 0.8 : 0) }
      sum += (0..<5).reduce(0) { $0 - weights[$1] * target[$1] * (own[$1] - logarithm) }
      total += weights[Int(label)]
    }
    let loss = try trainer.advance().loss
    #expect(abs(loss - sum / total) < 1e-5 * loss, "\(loss), not \(sum / total)")
  }
}
