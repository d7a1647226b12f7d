import Assembly
import Collectives
import Data
import DataParallel
import Recipes
import Synchronization
import Tensors
import Training

/// Times a recipe's steps on ranks that are threads of this process, each of which is assembled once.
final class StepTimer {
  /// How many ranks there are, and how many microbatches each has: all of the recipe's batch, or one.
  struct Case: Hashable {
    var ranks: Int
    var hasWholeBatch: Bool
  }

  /// Unchecked Sendable: one thread after another has it, and the one before has ended.
  private struct Rank: @unchecked Sendable { let assembly: RunAssembly }

  let recipe: Recipe
  private let threads: Int
  /// The steps that are timed; those before make what they use again.
  let timed: Range<Int>
  private var ranks: [Rank] = []

  init(_ recipe: Recipe, threads: Int, steps: Int) throws {
    self.recipe = recipe
    self.threads = threads
    timed = 2..<2 + steps
    try assemble(1)
  }

  /// What the first rank trains.
  var parts: TrainingParts { ranks[0].assembly.parts }

  /// Microbatches of the recipe's batch.
  var leaves: Int { recipe.batch.size / recipe.batch.microbatch }

  /// Mean seconds of a step in each case, over as many rounds: cases take turns, so that a drift of the machine's speed
  /// meets all alike.
  func seconds(_ cases: [Case], rounds: Int) throws -> [Case: Double] {
    try assemble(cases.map(\.ranks).max() ?? 1)
    var sums: [Case: Double] = [:]
    for _ in 0..<rounds {
      for one in cases { sums[one, default: 0] += try seconds(one) / Double(rounds) }
    }
    return sums
  }

  private func assemble(_ count: Int) throws {
    while ranks.count < count { ranks.append(Rank(assembly: try RunAssembly(recipe, threads: threads))) }
  }

  private func seconds(_ one: Case) throws -> Double {
    let result = Mutex(0.0)
    let plan = try plan(one)
    let groups: [any Group] =
      one.ranks > 1 ? try MemoryGroup.make(size: one.ranks, links: .sharedMemory) : [SoloGroup()]
    try RankThreads.run(groups) { [ranks, timed] group in
      let assembly = ranks[group.rank].assembly
      var parts = assembly.parts
      parts.plan = plan
      let trainer = Trainer(
        parts: parts, settings: assembly.settings, replicas: DataParallelGroup(group), engine: assembly.engine)
      for _ in 0..<timed.lowerBound { _ = try trainer.advance() }
      let mean = try Timing.of { for _ in timed { _ = try trainer.advance() } }.wall / Double(timed.count)
      if group.rank == 0 { result.withLock { $0 = mean } }
      try group.leave()
    }
    return result.withLock { $0 }
  }

  /// Of small batches as many are sorted by length at once as fill the recipe's, so that rows meet rows of like length in both.
  private func plan(_ one: Case) throws -> BatchPlan {
    guard !one.hasWholeBatch else { return parts.plan }
    let size = recipe.batch.microbatch * one.ranks
    return try BatchPlan(
      rowCount: parts.plan.rowCount, lengths: parts.dataset.lengths, batchSize: size,
      microbatchSize: recipe.batch.microbatch, buckets: recipe.batch.buckets * recipe.batch.size / size,
      seed: recipe.seed, shuffle: true)
  }
}
