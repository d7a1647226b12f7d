import Collectives
import DataParallel
import Optimizers
import TestSupport
import Testing
import Training

/// The loss scale of mixed precision multiplies the mean over the global batch, as it does with `torch.amp.GradScaler`.
@Suite struct LossScaleTests {
  /// The cross entropy, and what each of its rows was multiplied by before the backward pass.
  private final class Watch: Objective {
    private let crossEntropy = CrossEntropy()
    private(set) var factors: Set<Float> = []

    var forwards: Int { 1 }

    func terms(_ forward: Forward) -> [LossTerm] {
      crossEntropy.terms(forward).map { term in
        let rows = term.losses
        let watched = forward.pass.result(rows.shape, from: [rows])
        for index in 0..<rows.count { watched.values[index] = rows.values[index] }
        forward.pass.record(watched) { upstream in
          let slot = rows.gradientSlot()
          for index in 0..<rows.count {
            self.factors.insert(upstream[index])
            slot.pointer[index] = upstream[index] + (slot.accumulates ? slot.pointer[index] : 0)
          }
        }
        return LossTerm(name: term.name, losses: watched, factor: term.factor)
      }
    }
  }

  @Test("each row counts as its share of the batch, short batches too", arguments: [(8, 1), (4, 1), (1, 1), (2, 2)])
  func shares(microbatch: Int, ranks: Int) throws {
    let factors = try Ranks.run(ranks) { group in
      var parts = try TinyBert.parts(microbatch: microbatch)
      parts.scaler = GradientScaler(initialScale: 1024)
      let watch = Watch()
      parts.objective = watch
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 3),
        replicas: DataParallelGroup(group, reduction: .ordered))
      for _ in 0..<3 { _ = try trainer.advance() }
      return watch.factors
    }
    // Two batches of eight rows and one of six.
    #expect(factors.allSatisfy { $0 == [1024.0 / 8, Float(1024.0 / 6)] }, "\(factors)")
  }

  @Test("a scale that is a power of two changes no bit of a step that does not overflow")
  func powersOfTwo() throws {
    let weights = try [Float(1), 0x1p4, 0x1p8].map { scale in
      var parts = try TinyBert.parts(microbatch: 4)
      parts.scaler = GradientScaler(initialScale: scale)
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 3),
        replicas: DataParallelGroup(SoloGroup(), reduction: .ordered))
      for _ in 0..<3 { #expect(try trainer.advance().isCommitted) }
      return WeightHash.hash(parts.state.weights)
    }
    #expect(Set(weights).count == 1)
  }
}
