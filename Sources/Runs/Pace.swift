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

  /// The events to report after a step; only rank 0 has anything to report.
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
