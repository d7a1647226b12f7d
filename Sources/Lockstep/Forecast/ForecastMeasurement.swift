import Collectives
import Data
import Foundation
import Synchronization
import Tensors
import Training

/// Measures on this machine what forecasts start from.
package enum ForecastMeasurement {
  /// Runs steps of a recipe with its own batch and with a batch of one microbatch a rank, alone and on two ranks of this machine.
  ///
  /// - Parameters:
  ///   - steps: of each kind; rows differ in length, so few steps say little.
  ///   - read: makes the recipe anew.
  package static func profile(
    threads: Int, steps: Int, read: @escaping @Sendable () throws -> Recipe
  ) throws -> StepProfile {
    let recipe = try read()
    let leaves = recipe.batch.size / recipe.batch.microbatch
    let alone = try line(read, ranks: 1, threads: threads, steps: steps)
    // Of one microbatch a second rank would have none.
    let pair = leaves > 1 ? try line(read, ranks: 2, threads: threads, steps: steps) : alone
    let assembly = try Assembly(recipe, threads: threads)
    let reduced = reducedBytes(assembly.parts)
    var profile = StepProfile(
      microbatches: leaves, rowsOfMicrobatch: recipe.batch.microbatch,
      microbatchSeconds: (alone.slope, max(alone.slope, pair.slope)), updateSeconds: alone.rest,
      packingSeconds: max(0, pair.rest - alone.rest), weights: weights(assembly.parts, steps: steps),
      gradientBytes: reduced.bytes, weightBytes: assembly.parts.state.layout.count * 4, gathers: 1 + reduced.tables)
    profile.tableBytes = reduced.tableBytes
    // What parts save of the update is not known here, so the update is reckoned as that of all weights.
    if recipe.optimizer.isSharded { profile.gatheredBytes = profile.weightBytes }
    return profile
  }

  /// What the formulas leave out where a host has more ranks than cores: from a run on twice as many, threads of this process.
  package static func crowding(
    _ profile: StepProfile, _ costs: NetworkCosts, threads: Int, steps: Int,
    read: @escaping @Sendable () throws -> Recipe
  ) throws -> Double {
    let cores = Processor.availableCores
    let ranks = max(2, 2 * cores / threads)
    let measured = try seconds(read, ranks: ranks, threads: threads, steps: steps, links: .loopback)
    let layout = ClusterLayout(ranks: ranks, ranksPerHost: ranks, coresPerHost: cores, threads: threads)
    let forecast = StepForecast(profile, costs, on: layout, by: .sums(.ring))
    return max(0, measured - forecast.seconds) / Double(max(1, ranks * threads - cores))
  }

  /// Seconds of a step as a line over the microbatches of a rank.
  private static func line(
    _ read: @escaping @Sendable () throws -> Recipe, ranks: Int, threads: Int, steps: Int
  ) throws -> (slope: Double, rest: Double) {
    let batch = try read().batch
    let leaves = batch.size / batch.microbatch
    let all = try seconds(read, ranks: ranks, threads: threads, steps: steps)
    guard leaves > ranks else { return (all / Double(max(1, leaves / ranks)), 0) }
    let one = try seconds(
      {
        var small = try read()
        small.batch.size = small.batch.microbatch * ranks
        // Pools of as many rows, so that rows meet rows of like length in both.
        small.batch.buckets *= leaves / ranks
        return small
      }, ranks: ranks, threads: threads, steps: steps)
    let slope = min(one, max(0, (all - one) / Double((leaves + ranks - 1) / ranks - 1)))
    return (slope, one - slope)
  }

  /// Mean seconds of a step on ranks that are threads of this process.
  private static func seconds(
    _ read: @escaping @Sendable () throws -> Recipe, ranks: Int, threads: Int, steps: Int,
    links: MemoryGroup.Links = .sharedMemory
  ) throws -> Double {
    let result = Mutex(0.0)
    let groups: [any Group] = ranks > 1 ? try MemoryGroup.make(size: ranks, links: links) : [SoloGroup()]
    try RankThreads.run(groups) { group in
      let assembly = try Assembly(read(), threads: threads)
      let trainer = Trainer(
        parts: assembly.parts, settings: assembly.settings, replicas: Replicas(group), engine: assembly.engine)
      // The first steps make what the others use again.
      for _ in 0..<2 { _ = try trainer.advance() }
      let mean = try Timing.of { for _ in 0..<steps { _ = try trainer.advance() } }.wall / Double(steps)
      if group.rank == 0 { result.withLock { $0 = mean } }
      try group.leave()
    }
    return result.withLock { $0 }
  }

  /// The work of the microbatches of the first steps, by the lengths of their rows.
  private static func weights(_ parts: TrainingParts, steps: Int) -> [Double] {
    let lengths = (0..<steps).flatMap { step in
      let plan = parts.plan.step(step)
      return plan.microbatches.map { positions in
        plan.rows[positions].reduce(0.0) { $0 + Double(parts.dataset.length($1)) }
      }
    }
    let mean = lengths.reduce(0, +) / Double(max(1, lengths.count))
    return mean > 0 ? lengths.map { $0 / mean } : [1]
  }

  /// What ranks add of a gradient: large tables only where a batch has their rows.
  private static func reducedBytes(_ parts: TrainingParts) -> (bytes: Int, tableBytes: Int, tables: Int) {
    let plan = parts.plan.step(0)
    var words = Set<Int32>()
    for positions in plan.microbatches {
      let batch = parts.dataset.microbatch(rows: Array(plan.rows[positions]), positions: positions)
      if case .tokens(let tokens) = batch.input { words.formUnion(tokens.ids) }
    }
    var (elements, tableElements, tables) = (parts.state.layout.count, 0, 0)
    for slice in parts.state.layout.slices
    where slice.shape.rank == 2 && slice.shape[0] >= Replicas.minimumTableRows {
      tables += 1
      let rows = 2 * words.count <= slice.shape[0] ? words.count : slice.shape[0]
      elements -= (slice.shape[0] - rows) * slice.shape[1]
      tableElements += rows * slice.shape[1]
    }
    return (elements * 4, tableElements * 4, tables)
  }

  /// Sums over threads as ranks: over loopback connections, over pipes, and in shared memory.
  ///
  /// - Parameters:
  ///   - bytes: of the vector that a run will sum.
  ///   - bandwidth: of a host's network, in bytes a second each way; nil for ranks of this machine.
  ///   - latency: of that network, in seconds.
  package static func costs(bytes: Int, bandwidth: Double?, latency: Double) throws -> NetworkCosts {
    let links = try sums(ranks: 2, links: .loopback, bytes: bytes)
    // Ranks over pipes never wait awake, as ranks do not that share a core.
    let asleep = try sums(ranks: 2, links: .pipes, bytes: 64)
    let shared = try sums(ranks: 2, links: .sharedMemory, bytes: bytes)
    return NetworkCosts(
      latency: latency, messageWork: links.short,
      crowdedMessageWork: max(links.short, asleep.short),
      byteWork: max(0, links.long - 2 * links.short) / Double(bytes), wireByte: bandwidth.map { 1 / $0 } ?? 0,
      sharedByte: shared.long / Double(bytes))
  }

  /// Medians in seconds: of a sum of a few bytes, and of one of `bytes`.
  private static func sums(ranks: Int, links: MemoryGroup.Links, bytes: Int) throws -> (short: Double, long: Double) {
    let result = Mutex((short: 0.0, long: 0.0))
    try RankThreads.run(try MemoryGroup.make(size: ranks, links: links)) { group in
      let short = try time(group, bytes: 64, times: 200)
      let long = try time(group, bytes: bytes, times: 7)
      if group.rank == 0 { result.withLock { $0 = (short, long) } }
      try group.leave()
    }
    return result.withLock { $0 }
  }

  private static func time(_ group: any Group, bytes: Int, times: Int) throws -> Double {
    let count = max(1, bytes / 4)
    let values = AlignedMemory.allocate(count)
    defer { AlignedMemory.release(values) }
    values.update(repeating: 0, count: count)
    try group.allReduce(values, count: count, name: "forecast", step: 0)
    var seconds: [Double] = []
    for _ in 0..<times {
      try group.barrier(name: "forecast", step: 0)
      seconds.append(try Timing.of { try group.allReduce(values, count: count, name: "forecast", step: 0) }.wall)
    }
    return seconds.median
  }
}
