/// How a run stands at a moment: what the head of the page says, and what Prometheus asks for.
struct RunStatus {
  enum State: String, CaseIterable, Sendable {
    /// Nothing is written yet.
    case waiting
    case running
    /// Nothing was written for a while: it was stopped, or a step takes long.
    case quiet
    case finished
    case failed
  }

  let state: State
  let step: Int
  let epoch: Int
  let totalSteps: Int?
  /// Since the latest start, until the last line that was written; in seconds.
  let elapsed: Double?
  /// At the pace of the latest steps, evaluations and checkpoints included; in seconds.
  let remaining: Double?
  /// Mean of the latest steps.
  let secondsPerStep: Double?
  /// Rows a second over the latest steps.
  let speed: Double?
  let ranks: Int
  let restarts: Int
  let failure: String?
  /// Nil before the first evaluation.
  let best: BestScore?
  /// How long nothing was written, in seconds.
  let silence: Double?

  /// Seconds without a line after which a run is no longer called running.
  private static let shortestSilence = 30.0

  /// - Parameter now: seconds since 1970.
  init(_ reader: RunReader, now: Double) {
    let (record, events, files) = (reader.record, reader.events, reader.files)
    let written = files.metricsTime
    let silence = written.map { max(0, now - $0) }
    let began = events.began?.time ?? 0
    let mean = record.recentSeconds.value
    let isFinished = events.starts > 0 ? events.hasEnded : files.summary != nil && files.summaryTime >= written ?? 0
    let verdict = files.verdict.flatMap { $0.time >= began ? $0.text : nil }
    let patience = max(Self.shortestSilence, 10 * (mean ?? 0))
    state =
      if isFinished { .finished } else if verdict != nil { .failed } else if written == nil || record.step == 0 {
        .waiting
      } else if silence ?? 0 < patience { .running } else { .quiet }
    failure = isFinished ? nil : verdict
    best = BestScore(reader, isFinished: isFinished)
    (step, epoch, secondsPerStep, self.silence) = (record.step, record.epoch, mean, silence)
    speed = mean.flatMap { mean in mean > 0 ? record.recentRows.value.map { $0 / mean } : nil }
    totalSteps = events.totalSteps ?? (isFinished ? record.step : nil)
    elapsed = Self.elapsed(reader, isFinished: isFinished, began: began)
    remaining = state == .running ? Self.remaining(reader, elapsed: elapsed, totalSteps: events.totalSteps) : nil
    ranks = record.ranks.count > 0 ? record.ranks.count : files.summary?["ranks"]?.integer ?? 1
    restarts = max(0, max(events.starts - 1, files.summary?["restarts"]?.integer ?? 0))
  }

  private static func elapsed(_ reader: RunReader, isFinished: Bool, began: Double) -> Double? {
    if isFinished, let seconds = reader.files.summary?["seconds"]?.number { return seconds }
    guard began > 0, let written = reader.files.metricsTime, written >= began else { return nil }
    return written - began
  }

  private static func remaining(_ reader: RunReader, elapsed: Double?, totalSteps: Int?) -> Double? {
    guard let totalSteps, let mean = reader.record.recentSeconds.value, let began = reader.events.began,
      reader.record.step > began.step
    else { return nil }
    let left = Double(max(0, totalSteps - reader.record.step))
    let overall = (elapsed ?? 0) / Double(reader.record.step - began.step)
    // Evaluations and checkpoints make the way longer than the steps say; a slow beginning should not count for ever.
    return left * (overall > 0 ? (mean + overall) / 2 : mean)
  }
}
