import Collectives
import Data
import DataParallel
import Optimizers
import Recipes
import Schedules
import TestSupport
import Testing
import Training

/// Ranks that take steps of their own, beside the same by hand: trainers of one process each, and the outer step in Float64.
@Suite struct OuterStepTests {
  private static let steps = 5
  private static let microbatches = 4

  /// Full batches of 4 microbatches of 2 rows, in order and without dropout; of `rows` those of each batch.
  private static func parts(rows: Range<Int>, momentum: Double = 0.9) throws -> TrainingParts {
    var parts = try TinyBert.parts(microbatch: 2, dropout: 0)
    let all = TokenRows(random: 8 * steps, vocabulary: 40, labels: 3, seed: 6).rows
    parts.dataset = TokenRows((0..<steps).flatMap { step in rows.map { all[8 * step + $0] } })
    parts.plan = try BatchPlan(
      rowCount: rows.count * steps, batchSize: rows.count, microbatchSize: 2, seed: 7, shuffle: false)
    // Not Adam, which makes whole steps of the rounding in gradients that are zero but for it.
    parts.optimizer = SGD(layout: parts.state.layout, momentum: momentum)
    (parts.learningRate, parts.weightDecay, parts.clip) = ({ _ in 0.05 }, 0, nil)
    return parts
  }

  /// The weights of every rank after each step.
  private static func train(ranks: Int, _ reduction: Recipe.Reduction, momentum: Double = 0.9) throws -> [[[Float]]] {
    try Ranks.run(ranks) { group in
      let trainer = Trainer(
        parts: try parts(rows: 0..<8, momentum: momentum), settings: TrainingSettings(seed: 3, totalSteps: steps),
        replicas: DataParallelGroup(group, reduction: reduction))
      return try (0..<steps).map { _ in
        _ = try trainer.advance()
        return Array(trainer.state.weights.values)
      }
    }
  }

  /// The same weights after the last step, with nothing of the outer step's own code.
  private static func twin(ranks: Int, every: Int, _ outer: Recipe.Reduction.Outer) throws -> [Double] {
    let shares = SummationTree.shares(leaves: microbatches, ranks: ranks).map { $0.lowerBound * 2..<$0.upperBound * 2 }
    let trainers = try shares.map { rows in
      Trainer(
        parts: try parts(rows: rows), settings: TrainingSettings(seed: 3, totalSteps: steps),
        replicas: DataParallelGroup(SoloGroup()))
    }
    var anchor = trainers[0].parts.state.weights.values.map(Double.init)
    var momentum = anchor.map { _ in 0.0 }
    for step in 1...steps {
      for trainer in trainers { _ = try trainer.advance() }
      guard step % every == 0 || step == steps else { continue }
      for index in anchor.indices {
        let differences = zip(trainers, shares).map { trainer, rows in
          Double(rows.count) / 8 * (anchor[index] - Double(trainer.state.weights.values[index]))
        }
        let mean = differences.reduce(0, +)
        momentum[index] = outer.momentum * momentum[index] + mean
        anchor[index] -=
          outer.learningRate * (outer.isNesterov ? mean + outer.momentum * momentum[index] : momentum[index])
        for trainer in trainers { trainer.state.weights.values[index] = Float(anchor[index]) }
      }
    }
    return anchor
  }

  private static func largestDifference(_ first: [Float], _ second: [Double]) -> Double {
    zip(first, second).map { abs(Double($0) - $1) }.max() ?? .nan
  }

  @Test(
    "an outer step is Nesterov's on the mean of what the ranks moved",
    arguments: [1, 3], [Recipe.Reduction.Outer(), .init(learningRate: 0.9, momentum: 0.5, isNesterov: false)])
  func naive(ranks: Int, outer: Recipe.Reduction.Outer) throws {
    let everyone = try Self.train(ranks: ranks, Recipe.Reduction(.ring, every: 3, outer: outer))
    let twin = try Self.twin(ranks: ranks, every: 3, outer)
    let difference = Self.largestDifference(everyone[0][Self.steps - 1], twin)
    let initial = try Self.parts(rows: 0..<8).state.weights.values.map(Double.init)
    let moved = Self.largestDifference(everyone[0][Self.steps - 1], initial)
    #expect(difference < 1e-4 * moved, "\(difference) of \(moved)")
  }

  @Test("ranks hold the same bits after outer steps and the last step, and other ones between", arguments: [2, 3])
  func agreement(ranks: Int) throws {
    let everyone = try Self.train(ranks: ranks, Recipe.Reduction(.ring, every: 3, outer: .init()))
    for step in 1...Self.steps {
      let isSame = everyone.allSatisfy { $0[step - 1] == everyone[0][step - 1] }
      #expect(isSame == (step % 3 == 0 || step == Self.steps), "step \(step)")
    }
  }

  @Test("the mean after every step of plain SGD is the step of the whole batch, for any shares", arguments: [2, 3])
  func everyStep(ranks: Int) throws {
    let outer = try Self.train(ranks: ranks, Recipe.Reduction(.ring, outer: .mean), momentum: 0)
    let whole = try Self.train(ranks: 1, .ring, momentum: 0)
    let initial = try Self.parts(rows: 0..<8).state.weights.values.map(Double.init)
    let last = whole[0][Self.steps - 1]
    let moved = Self.largestDifference(last, initial)
    let difference = Self.largestDifference(outer[0][Self.steps - 1], last.map(Double.init))
    #expect(difference < 1e-3 * moved, "\(difference) of \(moved)")
  }

  @Test("what is frozen stays as it was, outer momentum or not")
  func frozen() throws {
    let weights = try Ranks.run(2) { group in
      var parts = try Self.parts(rows: 0..<8)
      parts.frozenPaths = { $0 < 2 ? [] : ["classifier"] }
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: 3, totalSteps: Self.steps),
        replicas: DataParallelGroup(group, reduction: Recipe.Reduction(.ring, every: 2, outer: .init())))
      return try (0..<Self.steps).map { _ in
        _ = try trainer.advance()
        return Array(parts.state.weights["classifier.weight"]!)
      }
    }
    #expect(weights[0][1] != weights[0][0] && weights[0][3] == weights[0][1] && weights[0][4] == weights[0][1])
    #expect(weights[1][4] == weights[0][4])
  }
}
