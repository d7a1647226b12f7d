import Glibc
import Support

extension RunSnapshot {
  static func json(_ status: RunStatus, _ reader: RunReader) -> JSONLine {
    .object(pace(status) + progress(status, reader) + health(reader))
  }

  private static func number(_ value: Double?) -> JSONLine { value.map { .number(rounded($0)) } ?? .null }

  private static func count(_ value: Int?) -> JSONLine { value.map(JSONLine.integer) ?? .null }

  private static func pace(_ status: RunStatus) -> [(String, JSONLine)] {
    [
      ("elapsed", number(status.elapsed)), ("remaining", number(status.remaining)),
      ("seconds_per_step", number(status.secondsPerStep)), ("rows_per_second", number(status.speed)),
      ("silence", number(status.silence)),
    ]
  }

  private static func progress(_ status: RunStatus, _ reader: RunReader) -> [(String, JSONLine)] {
    let starts = reader.record.epochStarts.map { JSONLine.array([.integer($0.epoch), .integer($0.step)]) }
    let latest = reader.record.curves.map { number($0.latest) }
    return [
      ("state", .string(status.state.rawValue)), ("step", .integer(status.step)), ("epoch", .integer(status.epoch)),
      ("total_steps", count(status.totalSteps)), ("ranks", .integer(status.ranks)),
      ("restarts", .integer(status.restarts)), ("failure", status.failure.map(JSONLine.string) ?? .null),
      ("latest", .array(latest)), ("best", status.best.map { json($0) } ?? .null), ("epoch_starts", .array(starts)),
    ]
  }

  private static func health(_ reader: RunReader) -> [(String, JSONLine)] {
    let files = reader.files
    return [
      ("checkpoints", .array(files.checkpoints.suffix(8).map(JSONLine.integer))),
      ("agreed_step", count(files.agreement?.step)),
      ("agreed_state", files.agreement.map { .string($0.hash) } ?? .null),
      ("broken_step", count(reader.record.firstBroken)), ("skipped", .integer(reader.record.skipped)),
      ("warnings", .integer(reader.events.warnings)),
    ]
  }

  static func json(_ best: BestScore) -> JSONLine {
    .object([
      ("metric", .string(best.metric)), ("positive", best.positive.map(JSONLine.string) ?? .null),
      ("value", .number(rounded(best.value))), ("step", best.step.map(JSONLine.integer) ?? .null),
      ("weights", .string(best.weights)),
    ])
  }

  /// Seven digits are more than a screen shows.
  static func rounded(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    let scale = pow(10, 6 - floor(log10(abs(value))))
    let result = (value * scale).rounded() / scale
    return scale.isFinite && scale > 0 && result.isFinite ? result : value
  }
}
