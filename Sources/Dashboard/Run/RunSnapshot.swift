import Glibc
import Scores
import Support

/// A run as the page takes it: one JSON object, whole or with the points that are new since the one before.
package struct RunSnapshot {
  /// What a page has already, so that only what is new is sent.
  package struct Cursor: Equatable, Sendable {
    var generation = -1
    var width = 0
    var step = 0
    var evaluations = -1
    var events = -1
  }

  package let json: JSONLine
  package let cursor: Cursor

  /// - Parameters:
  ///   - points: the most points of a curve.
  ///   - known: what was sent before.
  ///   - now: seconds since 1970.
  package init(_ reader: RunReader, points: Int, since known: Cursor = Cursor(), now: Double) {
    let record = reader.record
    let width = max(Curve.width(steps: record.step, buckets: points), record.curves.map(\.width).max() ?? 1)
    let isNew = known.generation != reader.generation || known.width != width
    let first = isNew ? 0 : known.step / width
    let status = RunStatus(reader, now: now)
    cursor = Cursor(
      generation: reader.generation, width: width, step: record.step, evaluations: record.evaluations,
      events: reader.events.count)
    var pairs: [(String, JSONLine)] = [
      ("generation", .integer(reader.generation)), ("name", .string(Self.name(reader.directory.path))),
      ("status", Self.json(status, reader)), ("width", .integer(width)), ("from", .integer(first)),
      ("curves", .array(Self.curves(record, width: width, from: first))),
      ("ranks", Self.json(record.ranks, width: width, from: first)),
    ]
    if isNew || known.evaluations != record.evaluations {
      pairs.append(("scores", .array(record.scores.map { Self.json($0, points: points, positive: record.positive) })))
    }
    if isNew || known.events != reader.events.count { pairs.append(("events", Self.json(reader.events))) }
    json = .object(pairs)
  }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  private static func curves(_ record: RunRecord, width: Int, from first: Int) -> [JSONLine] {
    let figures = Array(zip(RunRecord.figures, record.curves)) + record.terms.map { ("terms." + $0.name, $0.curve) }
    return figures.map { name, curve in
      .object([("name", .string(name)), ("points", points(curve, width: width, from: first))])
    }
  }

  /// `[index, value]`, or `[index, mean, least, greatest]` of a bucket of several steps.
  private static func points(_ curve: Curve, width: Int, from first: Int) -> JSONLine {
    .array(
      curve.points(width: max(width, curve.width), from: first).map { point in
        let values = point.least == point.greatest ? [point.mean] : [point.mean, point.least, point.greatest]
        return .array([.integer(point.index)] + values.map { .number(rounded($0)) })
      })
  }

  private static func json(_ score: RunRecord.Score, points: Int, positive: String?) -> JSONLine {
    let width = max(score.curve.width, 1)
    let values = score.curve.points(width: width).suffix(points).map { point in
      JSONLine.array([.integer(point.step), .number(rounded(point.mean))])
    }
    let isOfPositive = PositiveClass.isMeasured(by: score.metric)
    return .object([
      ("metric", .string(score.metric)), ("positive", isOfPositive ? positive.map(JSONLine.string) ?? .null : .null),
      ("weights", .string(score.weights)), ("points", .array(values)),
    ])
  }

  private static func json(_ ranks: RankFigures, width: Int, from first: Int) -> JSONLine {
    func shares(_ shares: RankFigures.Shares) -> JSONLine {
      .object(
        [("steps", .integer(shares.steps))]
          + zip(RankFigures.kinds, shares.seconds).map { ($0, .array($1.map { .number(rounded($0)) })) })
    }
    return .object([
      ("count", .integer(ranks.count)), ("latest", shares(ranks.latest)), ("whole", shares(ranks.whole)),
      ("memory", .array(ranks.memory.map { .number($0) })),
      ("busy", .array(ranks.busy.map { points($0, width: width, from: first) })),
    ])
  }

  private static func json(_ events: RunEvents) -> JSONLine {
    let sorted = events.events.enumerated().sorted {
      ($0.element.time ?? 0, $0.offset) < ($1.element.time ?? 0, $1.offset)
    }
    return .array(
      sorted.map { _, event in
        .object([
          ("kind", .string(event.kind)), ("step", event.step.map(JSONLine.integer) ?? .null),
          ("time", event.time.map(JSONLine.number) ?? .null), ("text", .string(event.text)),
        ])
      })
  }

  private static func json(_ status: RunStatus, _ reader: RunReader) -> JSONLine {
    func number(_ value: Double?) -> JSONLine { value.map { .number(rounded($0)) } ?? .null }
    let files = reader.files
    let best = files.summary?["best"]
    return .object([
      ("state", .string(status.state.rawValue)), ("step", .integer(status.step)), ("epoch", .integer(status.epoch)),
      ("total_steps", status.totalSteps.map(JSONLine.integer) ?? .null), ("elapsed", number(status.elapsed)),
      ("remaining", number(status.remaining)), ("seconds_per_step", number(status.secondsPerStep)),
      ("rows_per_second", number(status.speed)), ("silence", number(status.silence)), ("ranks", .integer(status.ranks)),
      ("restarts", .integer(status.restarts)), ("failure", status.failure.map(JSONLine.string) ?? .null),
      ("latest", .array(reader.record.curves.map { number($0.latest) })),
      ("best", number(best?["value"]?.number)), ("best_metric", .string(best?["metric"]?.text ?? "")),
      ("best_step", best?["step"]?.integer.map(JSONLine.integer) ?? .null),
      ("checkpoints", .array(files.checkpoints.suffix(8).map(JSONLine.integer))),
      ("agreed_step", files.agreement.map { .integer($0.step) } ?? .null),
      ("agreed_state", files.agreement.map { .string($0.hash) } ?? .null),
      ("broken_step", reader.record.firstBroken.map(JSONLine.integer) ?? .null),
      ("skipped", .integer(reader.record.skipped)), ("warnings", .integer(reader.events.warnings)),
    ])
  }

  /// Seven digits are more than a screen shows.
  private static func rounded(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    let scale = pow(10, 6 - floor(log10(abs(value))))
    let result = (value * scale).rounded() / scale
    return scale.isFinite && scale > 0 && result.isFinite ? result : value
  }
}
