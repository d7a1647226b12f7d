import Collectives
import Diagnostics

/// How the ranks of a run spend their time: a line in `metrics.jsonl` now and then, and a warning about a rank that holds the others up.
struct Pace {
  private let group: any Group
  private let interval: Int
  private var reference: [RankTimes]
  private var referenceStep: Int

  /// - Parameter interval: steps between lines.
  init(_ group: any Group, step: Int, interval: Int = 50) {
    self.group = group
    self.interval = interval
    reference = group.times
    referenceStep = step
  }

  /// What there is to tell after a step; only rank 0 has anything to tell.
  mutating func events(after step: Int) -> [TrainingEvent] {
    var events = group.takeStragglers().map { TrainingEvent.warning("\($0)") }
    guard step >= referenceStep + interval else { return events }
    let times = group.times
    if !times.isEmpty {
      events.append(
        .pace(PaceReport(step: step, steps: step - referenceStep, zip(times, reference).map { $0.since($1) })))
    }
    (reference, referenceStep) = (times, step)
    return events
  }
}

/// How the ranks spent their time since the last report, in seconds and rank order, as far as heartbeats have told.
public struct PaceReport: Sendable, Equatable {
  public var step: Int
  /// How many steps it covers.
  public var steps: Int
  /// Preparing microbatches.
  public var data: [Double]
  /// Forward and backward passes, updates.
  public var compute: [Double]
  /// In sums and gathers, without waiting for later ranks.
  public var communication: [Double]
  /// In sums and gathers, until the last rank came.
  public var waiting: [Double]
  /// The most memory that each process ever held, in bytes.
  public var memory: [Int]

  /// The rank that the others wait for is in an operation for the shortest time: what the others spend there beyond
  /// that, they wait.
  init(step: Int, steps: Int, _ times: [RankTimes]) {
    func seconds(_ value: UInt64) -> Double { Double(value) / 1e9 }
    let shortest = times.map(\.communication).min() ?? 0
    self.step = step
    self.steps = steps
    data = times.map { seconds($0.data) }
    compute = times.map { seconds($0.compute) }
    communication = times.map { _ in seconds(shortest) }
    waiting = times.map { seconds($0.communication - shortest) }
    memory = times.map { Int(clamping: $0.memory) }
  }
}
