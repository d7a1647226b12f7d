import Foundation
import Recipes
import Runs
import TensorBoard
import Tensors
import Tracing

/// What everyone who watches a run adds to its steps: `metrics.jsonl`, the history, the ledger, TensorBoard's files,
/// progress and the timeline, all at once.
package struct ObserverBenchmark {
  package struct Figures {
    /// Medians, in seconds on the wall.
    package let plain: Double
    package let observed: Double
    /// Median over the pairs of what watching adds, as a share of the plain step.
    package let cost: Double
    /// The same in processor time.
    package let processorCost: Double
    /// Seconds of a step in which observers are notified of it; the median.
    package let notifying: Double
    /// Spans that a step records, and what one takes, in seconds.
    package let spans: Int
    package let span: Double
    /// What observers and spans take themselves, as a share of the plain step.
    package var share: Double { (notifying + Double(spans) * span) / plain }
  }

  private let task: SyntheticTask
  private let directory: RunDirectory

  /// - Parameter directory: where the observers write.
  package init(_ task: SyntheticTask, in directory: RunDirectory) {
    self.task = task
    self.directory = directory
  }

  /// A plain step and a watched one in turn, so that a drift of the machine's speed meets both alike.
  package func run(pairs: Int) throws -> Figures {
    let tracer = Tracer()
    let (plain, watched) = (try task.trainer(), try task.trainer(tracer: tracer))
    for trainer in [plain, watched, plain, watched] { _ = try trainer.advance() }
    let observers = task.group.rank == 0 ? try self.observers() : []
    try notify(observers, .began(fromStep: 0, totalSteps: watched.step + pairs))
    let spansBefore = Self.spans(of: tracer)
    var notifying: [Double] = []
    let watchedStep = {
      try Timing.of {
        let report = try watched.advance()
        notifying.append(try Timing.of { try notify(observers, .step(report)) }.wall)
      }
    }
    let plainStep = { try Timing.of { _ = try plain.advance() } }
    let measured = try (0..<pairs).map { pair in
      if pair % 2 == 0 {
        let first = try plainStep()
        return (first, try watchedStep())
      }
      let first = try watchedStep()
      return (try plainStep(), first)
    }
    try notify(observers, .ended)
    return Figures(
      plain: measured.map(\.0.wall).median, observed: measured.map(\.1.wall).median,
      cost: measured.map { $1.wall / $0.wall - 1 }.median,
      processorCost: measured.map { $1.processor / $0.processor - 1 }.median, notifying: notifying.median,
      spans: (Self.spans(of: tracer) - spansBefore) / pairs, span: Self.spanTime())
  }

  private func observers() throws -> [any Observer] {
    let recipe = try Recipe(
      RecipeDocument(
        yaml: "{model: {configuration: {}, vocabulary: vocab.txt}, data: {train: train.tsv}}", source: "benchmark"))
    return [
      MetricsLog(path: directory.metrics), HistoryLog(path: directory.history),
      Ledger(directory: directory, recipe: recipe), EventLog(directory: directory, recipe: recipe), ProgressBar(.lines),
    ]
  }

  private func notify(_ observers: [any Observer], _ event: TrainingEvent) throws {
    for observer in observers { try observer.observe(event) }
  }

  private static func spans(of tracer: Tracer) -> Int {
    tracer.tracks.reduce(0) { $0 + $1.contents.spans.count + $1.contents.dropped }
  }

  private static func spanTime() -> Double {
    let track = Track(name: "benchmark", capacity: 1 << 10)
    let count = 100_000
    return Timing.of { for _ in 0..<count { track.span(.forward) {} } }.wall / Double(count)
  }
}
