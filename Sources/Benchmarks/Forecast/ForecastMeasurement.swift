import Collectives
import Data
import DataParallel
import Recipes
import Synchronization
import Tensors
import Training

/// Measures on this machine what forecasts start from.
package struct ForecastMeasurement {
  /// How often each step is timed.
  package static let rounds = 3
  private let timer: StepTimer

  /// - Parameter steps: that are timed of each kind, three times; rows differ in length, so few steps say little.
  package init(_ recipe: Recipe, threads: Int, steps: Int) throws {
    timer = try StepTimer(recipe, threads: threads, steps: steps)
  }

  /// Runs steps with the recipe's batch and with a batch of one microbatch a rank, alone and on two ranks of this machine.
  package func profile() throws -> StepProfile {
    let leaves = timer.leaves
    // Of one microbatch a second rank would have none.
    let counts = leaves > 1 ? [1, 2] : [1]
    let cases = counts.flatMap { ranks in
      [true, false].map { StepTimer.Case(ranks: ranks, hasWholeBatch: $0) }
    }
    let seconds = try timer.seconds(cases, rounds: Self.rounds)
    let lines = counts.map { Self.line(seconds, ranks: $0, leaves: leaves) }
    let (alone, pair) = (lines[0], lines[lines.count - 1])
    let (parts, recipe) = (timer.parts, timer.recipe)
    let reduced = Self.reducedBytes(parts)
    var profile = StepProfile(
      microbatches: leaves, rowsOfMicrobatch: recipe.batch.microbatch,
      microbatchSeconds: (alone.slope, max(alone.slope, pair.slope)), updateSeconds: alone.rest,
      packingSeconds: max(0, pair.rest - alone.rest), weights: Self.weights(parts, of: timer.timed),
      gradientBytes: reduced.bytes, weightBytes: parts.state.layout.count * 4, gathers: 1 + reduced.tables)
    profile.tableBytes = reduced.tableBytes
    profile.overlap = recipe.reduction.overlap
    // What parts save of the update is not known here, so the update is reckoned as that of all weights.
    if recipe.optimizer.isSharded { profile.gatheredBytes = profile.weightBytes }
    return profile
  }

  /// What the formulas leave out where a host has more ranks than cores, from a step that took so long on as many.
  package static func crowding(
    _ profile: StepProfile, _ costs: NetworkCosts, on layout: ClusterLayout, measured: Double
  ) -> Double {
    let beyond = layout.ranksOfHost * layout.threads - layout.coresPerHost
    precondition(beyond > 0, "\(layout.ranksOfHost) ranks do not crowd \(layout.coresPerHost) cores")
    return max(0, measured - StepForecast(profile, costs, on: layout, by: .sums(.ring)).seconds) / Double(beyond)
  }

  /// Seconds of a step as a line over the microbatches of a rank.
  private static func line(
    _ seconds: [StepTimer.Case: Double], ranks: Int, leaves: Int
  ) -> (slope: Double, rest: Double) {
    let all = seconds[StepTimer.Case(ranks: ranks, hasWholeBatch: true)]!
    let one = seconds[StepTimer.Case(ranks: ranks, hasWholeBatch: false)]!
    guard leaves > ranks else { return (one, 0) }
    let slope = min(one, max(0, (all - one) / Double((leaves + ranks - 1) / ranks - 1)))
    return (slope, one - slope)
  }

  /// The work of the microbatches of the steps that are timed, by the lengths of their rows.
  private static func weights(_ parts: TrainingParts, of steps: Range<Int>) -> [Double] {
    let lengths = steps.flatMap { step in
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
    where slice.shape.rank == 2 && slice.shape[0] >= DataParallelGroup.minimumTableRows {
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
    // Ranks over pipes never spin, and neither do ranks that share a core.
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
