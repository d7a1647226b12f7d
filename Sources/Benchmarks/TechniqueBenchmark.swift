import Assembly
import Layers
import Optimizers
import Recipes
import Techniques
import Tensors
import Training

/// What each technique adds to a plain step: both run in turn in one process, so that a drift of the machine's speed
/// meets both alike.
package struct TechniqueBenchmark {
  package struct Figures {
    package let technique: String
    /// Medians, in seconds on the wall.
    package let plain: Double
    package let step: Double
    /// Median over the pairs of what the technique adds, as a share of the plain step.
    package let cost: Double
    /// The same in processor time.
    package let processorCost: Double
  }

  /// A technique as a recipe names it, and what it needs besides.
  private struct Variant: Sendable {
    let name: String
    var techniques = "{}"
    var dropouts: [Double]?
    var configure: @Sendable (inout TrainingParts) -> Void = { _ in }
  }

  private static let variants =
    [
      Variant(name: "clip", configure: { $0.clip = Clipping(maximum: 1) }),
      Variant(name: "lookahead", configure: { $0.optimizer = Lookahead($0.optimizer, weights: $0.state.weights) }),
    ]
    + TechniqueList.all.compactMap { card in
      card.benchmark.map { Variant(name: card.key, techniques: $0.techniques, dropouts: $0.dropouts) }
    } + [
      Variant(
        name: "r_drop+fgm+ema+clip", techniques: "{r_drop: {}, fgm: {}, ema: {}}",
        configure: { $0.clip = Clipping(maximum: 1) })
    ]

  /// The names of what can be measured.
  package static var names: [String] { variants.map(\.name) + [replicaHash] }

  private static let replicaHash = "replica_hash"

  private let task: SyntheticTask

  package init(_ task: SyntheticTask) { self.task = task }

  /// Measures the named techniques one after the other.
  package func run(_ names: [String], pairs: Int, report: (Figures) throws -> Void) throws {
    let plain = try task.trainer()
    for _ in 0..<2 { _ = try plain.advance() }
    for variant in Self.variants where names.contains(variant.name) {
      try report(measure(variant, beside: plain, pairs: pairs))
    }
    if names.contains(Self.replicaHash) { try report(measureReplicaHash(beside: plain, pairs: pairs)) }
  }

  /// The hashes by which ranks compare weights and moments, spread over the steps between two comparisons.
  private func measureReplicaHash(beside plain: Trainer, pairs: Int) throws -> Figures {
    let arenas = [plain.parts.state.weights] + plain.parts.optimizer.state.map(\.arena)
    let interval = Double(plain.settings.compareReplicasEvery)
    let measured = try (0..<pairs).map { _ in
      let step = try Timing.of { _ = try plain.advance() }
      return (step, Timing.of { for arena in arenas { _ = WeightHash.hash(arena, workers: plain.engine.workers) } })
    }
    let step = measured.map(\.0.wall).median
    return Figures(
      technique: Self.replicaHash, plain: step, step: step + measured.map(\.1.wall).median / interval,
      cost: measured.map { $1.wall / interval / $0.wall }.median,
      processorCost: measured.map { $1.processor / interval / $0.processor }.median)
  }

  private func measure(_ variant: Variant, beside plain: Trainer, pairs: Int) throws -> Figures {
    let section = try RecipeDocument(yaml: variant.techniques, source: "benchmark").section()
    let trainer = try task.trainer(dropouts: variant.dropouts) { parts in
      let schedule = Schedule.constant(warmUp: .none)
      var assembly = TechniqueAssembly(section, schedule: schedule, learningRate: 2e-5, totalSteps: .max)
      assembly.dropoutSamples = variant.dropouts?.count ?? 1
      _ = try assembly.install(in: &parts)
      variant.configure(&parts)
    }
    for _ in 0..<2 { _ = try trainer.advance() }
    return try compare(variant.name, beside: plain, pairs: pairs) { _ = try trainer.advance() }
  }

  private func compare(
    _ name: String, beside plain: Trainer, pairs: Int, _ step: () throws -> Void
  ) throws -> Figures {
    let measured = try (0..<pairs).map { pair in
      if pair % 2 == 0 {
        let first = try Timing.of { _ = try plain.advance() }
        return (first, try Timing.of(step))
      }
      let first = try Timing.of(step)
      return (try Timing.of { _ = try plain.advance() }, first)
    }
    return Figures(
      technique: name, plain: measured.map(\.0.wall).median, step: measured.map(\.1.wall).median,
      cost: measured.map { $1.wall / $0.wall - 1 }.median,
      processorCost: measured.map { $1.processor / $0.processor - 1 }.median)
  }
}
