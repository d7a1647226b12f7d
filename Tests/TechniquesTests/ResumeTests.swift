import DataParallel
import Recipes
import Runs
import TestSupport
import Testing
import Training

/// A run that was stopped, saved and resumed is the run that was never stopped.
@Suite struct ResumeTests {
  @Test("k and k steps with a resume on other ranks equal 2k steps, bit for bit", arguments: Combination.singles)
  func otherRanks(_ combination: Combination) throws {
    let whole = try interrupted(combination, stopAfter: nil, ranks: [2], reduction: .ordered)
    let cut = try interrupted(combination, stopAfter: 3, ranks: [2, 1], reduction: .ordered)
    #expect(cut == whole)
    #expect(try interrupted(combination, stopAfter: 2, ranks: [1, 4], reduction: .ordered) == whole)
  }

  @Test("the same with as many techniques as may be combined", arguments: Combination.most)
  func most(_ combination: Combination) throws {
    let whole = try interrupted(combination, stopAfter: nil, ranks: [1], reduction: .ordered)
    for stop in 1...5 {
      #expect(
        try interrupted(combination, stopAfter: stop, ranks: [4, 2], reduction: .ordered) == whole, "after \(stop)")
    }
  }

  @Test("with reduction ring the bits are those of as many ranks", arguments: Combination.most)
  func ring(_ combination: Combination) throws {
    let whole = try interrupted(combination, stopAfter: nil, ranks: [2], reduction: .ring)
    #expect(try interrupted(combination, stopAfter: 3, ranks: [2, 2], reduction: .ring) == whole)
  }

  @Test("with fewer bits on the wire each rank continues with what it has not sent yet", arguments: [1, 2])
  func compressed(every: Int) throws {
    let combination = Combination(techniques: Combination.each.filter { $0.key == "ema" })
    let reduction = Recipe.Reduction(.ring, wire: .int8, every: every)
    let whole = try interrupted(combination, stopAfter: nil, ranks: [2], reduction: reduction)
    #expect(try interrupted(combination, stopAfter: 3, ranks: [2, 2], reduction: reduction) == whole)
    let plain = Recipe.Reduction(.ring, every: every)
    #expect(try interrupted(combination, stopAfter: nil, ranks: [2], reduction: plain) != whole)
  }

  @Test("between outer steps a stop waits for the next one, and each rank goes on with its own moments")
  func outerSteps() throws {
    let keys = ["fgm", "ema", "self_distillation"]
    let combination = Combination(techniques: Combination.each.filter { keys.contains($0.key) })
    let reduction = Recipe.Reduction(.ring, every: 2, outer: .init())
    let whole = try interrupted(combination, stopAfter: nil, ranks: [2], reduction: reduction)
    for stop in [1, 3, 4] {
      #expect(
        try interrupted(combination, stopAfter: stop, ranks: [2, 2], reduction: reduction) == whole, "after \(stop)")
    }
    // Of other ranks it goes on all the same, and comes to something else.
    #expect(try interrupted(combination, stopAfter: 3, ranks: [2, 3], reduction: reduction) != whole)
  }

  /// What a run of six steps came to that was stopped after some of them and resumed from its checkpoint by new trainers.
  private func interrupted(
    _ combination: Combination, stopAfter: Int?, ranks: [Int], reduction: Recipe.Reduction
  ) throws -> Outcome {
    try withTemporaryFolder { folder in
      var outcome: Outcome?
      for (turn, count) in ranks.enumerated() {
        let isLast = turn == ranks.count - 1
        let everyone = try Ranks.run(count) { group in
          let trainer = Trainer(
            parts: try combination.parts(microbatch: 2), settings: TrainingSettings(seed: 3, totalSteps: 6),
            replicas: DataParallelGroup(group, reduction: reduction))
          let run = try TrainingRun(trainer, in: folder, reduction: reduction) {
            !isLast && trainer.step + 1 >= stopAfter ?? .max
          }
          do {
            _ = try run.run(resume: .auto)
          } catch TrainingError.stopped where !isLast {}
          return Outcome(trainer, losses: [])
        }
        outcome = everyone[0]
      }
      return try #require(outcome)
    }
  }
}
