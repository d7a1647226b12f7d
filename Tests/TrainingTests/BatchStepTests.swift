import Collectives
import Layers
import Models
import Optimizers
import Tensors
import TestSupport
import Testing
import Training

/// Steps that users write themselves.
@Suite struct BatchStepTests {
  /// The fast gradient method as a user writes it: the embeddings are moved along their gradient and put back.
  private static func fgm(_ trainer: Trainer, epsilon: Double) throws -> StepReport {
    let name = "bert.embeddings.word_embeddings.weight"
    let weights = try #require(trainer.state.weights[name])
    return try trainer.advance { batch in
      try batch.backward(batch.forward())
      let backup = Array(weights)
      let gradient = try #require(batch.gradients[name])
      let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      for index in weights.indices { weights[index] += Float(epsilon / norm) * gradient[index] }
      try batch.backward(batch.forward())
      _ = weights.update(fromContentsOf: backup)
      try batch.step()
      try batch.zeroGradients()
    }
  }

  /// Two passes with masks of their own, and the mean of their cross entropies.
  private static func twoPasses(_ trainer: Trainer) throws -> StepReport {
    try trainer.advance { batch in
      let loss = batch.forward(passes: 2) { forward in
        (0..<2).map { pass in
          let scores = forward.scores(pass)[0]
          return LossTerm(
            name: "cross_entropy", losses: forward.pass.crossEntropy(scores, labels: forward.microbatch.labels),
            factor: 0.5)
        }
      }
      try batch.backward(loss)
      try batch.step()
      try batch.zeroGradients()
    }
  }

  @Test("FGM written by a user trains as PyTorch's", arguments: [8, 4])
  func userFGM(microbatch: Int) throws {
    let run = try GoldenRun("fgm", microbatch: microbatch, advance: { try Self.fgm($0, epsilon: 0.8) })
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights)
    #expect(error.value < (microbatch == 8 ? 2e-5 : 1e-4), "\(error)")
  }

  @Test("forward, backward, step and zeroGradients are the trainer's own step, bit for bit")
  func plain() throws {
    let own = try GoldenRun(
      "adamw",
      advance: { trainer in
        try trainer.advance { batch in
          try batch.backward(batch.forward())
          try batch.step()
          try batch.zeroGradients()
        }
      })
    let usual = try GoldenRun("adamw")
    #expect(own.reports.map(\.loss) == usual.reports.map(\.loss))
    let isSame = own.parts.state.weights.values.elementsEqual(usual.parts.state.weights.values)
    #expect(isSame)
  }

  @Test("a user's step gives the same weights on any number of ranks", arguments: [2, 4])
  func ranks(count: Int) throws {
    let alone = try Self.weights(of: SoloGroup())
    let together = try Ranks.run(count) { try Self.weights(of: $0) }
    let differing = together.indices.filter { together[$0] != alone }
    #expect(differing == [], "ranks whose weights differ from one process's")
  }

  private static func weights(of group: any Group) throws -> [Float] {
    let run = try GoldenRun("adamw", group: group, microbatch: 2, advance: twoPasses)
    return Array(run.parts.state.weights.values)
  }

  @Test("an illegal step names the call that is missing")
  func illegal() throws {
    func message(_ body: @escaping (BatchStep) throws -> Void) -> String? {
      do {
        _ = try GoldenRun("adamw", advance: { try $0.advance(batchStep: body) })
        return nil
      } catch { return String(describing: error) }
    }
    #expect(message { _ in }?.contains("step() is missing before the end") == true)
    #expect(message { try $0.step() }?.contains("backward() is missing before step") == true)
    #expect(
      message { batch in
        try batch.backward(batch.forward())
        try batch.step()
      }?.contains("zeroGradients() is missing") == true)
    #expect(
      message { batch in
        try batch.backward(batch.forward())
        try batch.step()
        try batch.step()
      }?.contains("step() is called twice") == true)
    #expect(
      message { batch in
        try batch.backward(batch.forward())
        try batch.step()
        try batch.backward(batch.forward())
      }?.contains("backward() after step()") == true)
  }
}
