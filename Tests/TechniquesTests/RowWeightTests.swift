import Data
import DataParallel
import Layers
import Optimizers
import Recipes
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// Rows that count differently: sums of weight × loss over the whole batch, divided once by the sum of weights.
@Suite struct RowWeightTests {
  /// Ranks and microbatches of a batch of 20 rows; with more ranks than microbatches some have nothing to do.
  private static let layouts = [(1, 1), (1, 4), (2, 2), (3, 5), (4, 1)]

  @Test(arguments: WeightedRecipe.all)
  func `loss and weights are those of one sum and one division, however the batch is cut`(
    _ recipe: WeightedRecipe
  ) throws {
    let twin = try recipe.twin()
    for (ranks, microbatches) in Self.layouts {
      let run = try recipe.train(ranks: ranks, microbatches: microbatches)
      let place = "\(ranks) ranks, \(microbatches) microbatches"
      #expect(zip(run.losses, twin.losses).allSatisfy { abs($0 - $1) < 1e-6 * abs($1) }, "\(place)")
      let difference = zip(run.weights, twin.weights).map { abs($0 - $1) }.max()!
      #expect(difference < 2e-6, "\(place): \(difference)")
    }
    #expect(zip(twin.weights, try recipe.twin(isWeighted: false).weights).contains { abs($0 - $1) > 1e-3 })
  }

  @Test(arguments: [2, 3, 4]) func `ordered sums give the same bits on any number of ranks`(ranks: Int) throws {
    let recipe = WeightedRecipe.all.last!
    #expect(try recipe.train(ranks: ranks, microbatches: 5) == recipe.train(ranks: 1, microbatches: 5))
  }

  @Test func `ranks that take steps of their own count by the weight of their rows`() throws {
    let recipe = WeightedRecipe(name: "plain")
    let whole = try recipe.train(ranks: 1, microbatches: 5)
    let apart = try recipe.train(ranks: 3, microbatches: 5, Recipe.Reduction(.ring, outer: .mean))
    #expect(zip(apart.losses, whole.losses).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(apart.weights, whole.weights).allSatisfy { abs($0 - $1) < 5e-6 })
  }

  @Test func `rows that count nothing might as well not be there`() throws {
    let recipe = WeightedRecipe(name: "plain")
    var (all, kept) = (try recipe.parts(microbatches: 1), try recipe.parts(microbatches: 1))
    let rows = TokenRows(random: 40, vocabulary: 40, labels: 3, seed: 6)
    all.dataset = WeightedRows(rows, weights: (0..<40).map { $0 % 2 == 0 ? 3 : 0 })
    all.plan = try BatchPlan(rowCount: 40, batchSize: 20, microbatchSize: 5, seed: 7, shuffle: false)
    kept.dataset = TokenRows(stride(from: 0, to: 40, by: 2).map { rows.rows[$0] })
    kept.plan = try BatchPlan(rowCount: 20, batchSize: 10, microbatchSize: 10, seed: 7, shuffle: false)
    let outcomes = try [all, kept].map { try WeightedRecipe.Outcome($0, ranks: nil) }
    #expect(zip(outcomes[0].losses, outcomes[1].losses).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(outcomes[0].weights, outcomes[1].weights).allSatisfy { abs($0 - $1) < 2e-6 })
  }

  @Test func `a batch in which nothing counts has loss 0 and moves no weight`() throws {
    for key in ["none", "fgm", "r_drop"] {
      var recipe = WeightedRecipe(name: key)
      recipe.fgm = key == "fgm" ? 1 : nil
      recipe.alpha = key == "r_drop" ? 1 : nil
      var parts = try recipe.parts(microbatches: 4)
      let before = Array(parts.state.weights.values)
      parts.dataset = WeightedRows(parts.dataset, weights: [Float](repeating: 0, count: parts.dataset.rowCount))
      let outcome = try WeightedRecipe.Outcome(parts, ranks: nil)
      #expect(outcome.losses.allSatisfy { $0 == 0 } && outcome.weights == before)
    }
  }

  @Test func `a term may state the weights of its own losses`() throws {
    final class Doubled: Objective {
      let forwards = 1
      func terms(_ forward: Forward) -> [LossTerm] {
        let losses = forward.pass.crossEntropy(forward.scores(0)[0], labels: forward.microbatch.labels)
        return [LossTerm(name: "doubled", losses: losses, weights: forward.weights.map { 2 * $0 }, factor: 0.5)]
      }
    }
    let recipe = WeightedRecipe(name: "plain")
    var (own, plain) = (try recipe.parts(microbatches: 4), try recipe.parts(microbatches: 4))
    own.objective = Doubled()
    plain.objective = CrossEntropy()
    #expect(try WeightedRecipe.Outcome(own, ranks: nil) == WeightedRecipe.Outcome(plain, ranks: nil))
  }

  @Test(arguments: [1, 2, 3]) func `a validation loss is a weighted mean too`(ranks: Int) throws {
    let rows = TokenRows(random: 13, vocabulary: 40, labels: 3, seed: 9)
    let weights = (0..<13).map { [2, 0.5, 0, 1, 5][$0 % 5] as Float }
    let losses = try Ranks.run(ranks) { group in
      var parts = try TinyBert.parts(microbatch: 4)
      parts.validation = WeightedRows(rows, weights: weights)
      var settings = TrainingSettings(seed: 7, totalSteps: 1)
      settings.evaluationBatch = 3
      return try Trainer(parts: parts, settings: settings, replicas: DataParallelGroup(group, reduction: .ordered))
        .evaluate()!
        .loss
    }
    let parts = try TinyBert.parts(microbatch: 4)
    let microbatch = rows.microbatch(rows: Array(0..<13), positions: 0..<13)
    let pass = Pass(
      engine: Engine(threads: 1), mode: .evaluation, tape: nil,
      randomness: Pass.Randomness(seed: 7, step: 0, pass: 0), rows: microbatch.rows)
    let each = pass.crossEntropy(parts.model(microbatch, pass)[0], labels: microbatch.labels).values
    let sum = zip(each, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    for loss in losses { #expect(abs(loss - sum / Double(weights.reduce(0, +))) < 1e-6) }
  }
}
