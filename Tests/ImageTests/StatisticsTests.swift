import Collectives
import DataParallel
import Layers
import Recipes
import Tensors
import TestSupport
import Testing
import Training

/// Running statistics and batch statistics of runs on several ranks.
@Suite struct StatisticsTests {
  @Test("statistics of microbatches, and what they do to weights, do not depend on ranks", arguments: [2, 3, 4, 5])
  func microbatches(ranks: Int) throws {
    let alone = try Runs.train(ranks: 1) { try Runs.parts() }[0]
    for outcome in try Runs.train(ranks: ranks, { try Runs.parts() }) { #expect(outcome == alone) }
    for outcome in try Runs.train(ranks: ranks, reduction: .ring, { try Runs.parts() }) {
      #expect(outcome.difference(from: alone) < 1e-5)
    }
  }

  @Test("synchronized, one microbatch a rank normalises as one large microbatch", arguments: [4, 5])
  func synchronized(ranks: Int) throws {
    let whole = try Runs.train(ranks: 1) { try Runs.parts(microbatch: 16) }[0]
    let parts = { @Sendable in
      var parts = try Runs.parts(microbatch: 4)
      parts.statistics = .synchronized
      return parts
    }
    for outcome in try Runs.train(ranks: ranks, parts) { #expect(outcome.difference(from: whole) < 1e-5) }
    // Without it the microbatches are normalised apart.
    let apart = try Runs.train(ranks: 4) { try Runs.parts(microbatch: 4) }[0]
    #expect(apart.difference(from: whole) > 1e-3)
  }

  @Test("turns end although shares differ, and all ranks hold the same bits", arguments: [2, 3])
  func turns(ranks: Int) throws {
    let outcomes = try Runs.train(ranks: ranks) {
      var parts = try Runs.parts(microbatch: 4)
      parts.statistics = .synchronized
      return parts
    }
    for outcome in outcomes { #expect(outcome == outcomes[0]) }
  }

  @Test("synchronized ranks whose adversaries run different numbers of passes end their turns together")
  func unevenPasses() throws {
    let outcomes = try Runs.train(ranks: 3) {
      var parts = try Runs.parts()
      parts.statistics = .synchronized
      parts.adversary = Unevenness()
      return parts
    }
    for outcome in outcomes { #expect(outcome == outcomes[0]) }
    #expect(outcomes[0].losses.allSatisfy { $0.isFinite })
  }

  /// Runs 0 to 3 further passes, as the microbatch's own gradient has it.
  private final class Unevenness: Adversary {
    let scope = AdversaryScope.microbatch
    func isActive(at context: StepContext) -> Bool { true }

    func apply(_ attack: Attack) throws {
      let passes = Int(attack.gradients.values[0].bitPattern % 4)
      for _ in 0..<passes { try attack.evaluate(attack.scratch) }
    }
  }

  @Test("a frozen batch norm keeps its running statistics and uses them")
  func frozen() throws {
    let outcome = try Runs.train(ranks: 1) {
      let parts = try Runs.parts()
      #expect(parts.state.freeze(["bn1", "conv1"]).isEmpty)
      return parts
    }[0]
    let layout = try Runs.parts().state.buffers.layout
    for (name, first) in [("bn1.running_mean", Float(0)), ("bn1.running_var", 1)] {
      let range = try #require(layout[name]).range
      #expect(outcome.buffers[range].allSatisfy { $0 == first })
    }
    let next = try #require(layout["bn2.running_mean"]).range
    #expect(outcome.buffers[next].allSatisfy { $0 != 0 })
  }

  @Test(
    "an adversary's passes use the batch's statistics and move no running ones",
    arguments: [StatisticsScope.microbatch, .synchronized], [AdversaryScope.batch, .microbatch])
  func adversary(statistics: StatisticsScope, scope: AdversaryScope) throws {
    let parts = { @Sendable in
      var parts = try Runs.parts()
      parts.statistics = statistics
      return parts
    }
    let attacked = { @Sendable in
      var parts = try parts()
      parts.adversary = Repetition(scope)
      return parts
    }
    #expect(try Runs.train(ranks: 2, attacked) == Runs.train(ranks: 2, parts))
  }

  @Test("of a user's own step the first backward moves running statistics, and the others do not", arguments: [1, 2])
  func ownStep(ranks: Int) throws {
    let plain = try Runs.train(ranks: ranks) { try Runs.parts() }[0]
    let outcomes = try Ranks.run(ranks) { group in
      let trainer = Trainer(
        parts: try Runs.parts(), settings: Runs.settings, replicas: DataParallelGroup(group, reduction: .ordered))
      let losses = try (0..<Runs.settings.totalSteps).map { _ in
        try trainer.advance { step in
          try step.backward(step.forward())
          try step.zeroGradients()
          try step.backward(step.forward())
          try step.step()
          try step.zeroGradients()
        }.loss
      }
      return Runs.Outcome(trainer.parts, losses: losses)
    }
    for outcome in outcomes { #expect(outcome == plain) }
  }

  /// Evaluates the gradient again where it is, which must change nothing.
  private final class Repetition: Adversary {
    let scope: AdversaryScope

    init(_ scope: AdversaryScope) { self.scope = scope }

    func isActive(at context: StepContext) -> Bool { true }

    func apply(_ attack: Attack) throws {
      try attack.evaluate(attack.scratch)
      for index in 0..<attack.gradients.count {
        #expect(attack.gradients.values[index] == attack.scratch.values[index])
      }
    }
  }
}
