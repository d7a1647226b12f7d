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
    var rankLines = -1
  }

  package let json: JSONLine
  package let cursor: Cursor

  /// - Parameters:
  ///   - points: the most points of a curve.
  ///   - known: what was sent before.
  ///   - now: seconds since 1970.
  ///   - hasRecipe: whether a whole run has its recipe, as far as a page shows it.
  package init(
    _ reader: RunReader, points: Int, since known: Cursor = Cursor(), now: Double, hasRecipe: Bool = true
  ) {
    let record = reader.record
    let width = max(Curve.width(steps: record.step, buckets: points), record.curves.map(\.width).max() ?? 1)
    let isNew = known.generation != reader.generation || known.width != width
    let first = isNew ? 0 : known.step / width
    let status = RunStatus(reader, now: now)
    cursor = Cursor(
      generation: reader.generation, width: width, step: record.step, evaluations: record.evaluations,
      events: reader.events.count, rankLines: record.ranks.lines)
    var pairs: [(String, JSONLine)] = [
      ("generation", .integer(reader.generation)), ("name", .string(Self.name(reader.directory.path))),
      ("status", Self.json(status, reader)), ("width", .integer(width)), ("from", .integer(first)),
      ("curves", .array(Self.curves(record, width: width, from: first))),
      ("ranks", Self.json(record.ranks, width: width, from: first)),
    ]
    if isNew || known.evaluations != record.evaluations {
      pairs.append(("scores", .array(record.scores.map { Self.json($0, points: points, positive: record.positive) })))
      pairs.append(("class_scores", .array(record.classScores.map { Self.json($0, points: points, positive: nil) })))
    }
    if isNew || known.rankLines != record.ranks.lines { pairs.append(("windows", Self.json(record.ranks.windows))) }
    if isNew || known.events != reader.events.count {
      pairs.append(("events", Self.json(reader.events)))
      pairs.append(("facts", Self.facts(reader)))
    }
    if isNew, hasRecipe, let recipe = reader.files.recipe {
      pairs.append(("recipe", .string(String(recipe.prefix(Self.longestRecipe)))))
    }
    json = .object(pairs)
  }

  /// Characters of a recipe that a page shows.
  private static let longestRecipe = 50_000

  /// What the run said of itself, where its folder is, and when it began.
  private static func facts(_ reader: RunReader) -> JSONLine {
    .object(
      [
        ("output", .string(reader.directory.path)),
        ("started", reader.events.firstTime.map(JSONLine.number) ?? .null),
        ("restarted", reader.events.starts > 1 ? reader.events.began.map { .number($0.time) } ?? .null : .null),
      ] + (reader.events.facts?.json ?? []))
  }

  static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  private static func curves(_ record: RunRecord, width: Int, from first: Int) -> [JSONLine] {
    let figures = Array(zip(RunRecord.figures, record.curves)) + record.terms.map { ("terms." + $0.name, $0.curve) }
    return figures.map { name, curve in
      .object([("name", .string(name)), ("points", points(curve, width: width, from: first))])
    }
  }

  /// `[index, value]`, or `[index, mean, least, greatest]` of a bucket of several steps.
  static func points(_ curve: Curve, width: Int, from first: Int) -> JSONLine {
    .array(
      curve.points(width: max(width, curve.width), from: first).map { point in
        let values = point.least == point.greatest ? [point.mean] : [point.mean, point.least, point.greatest]
        return .array([.integer(point.index)] + values.map { .number(rounded($0)) })
      })
  }

  static func json(_ score: RunRecord.Score, points: Int, positive: String?) -> JSONLine {
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

  /// The seconds of each kind, rank by rank, of each window.
  private static func json(_ windows: [RankFigures.Window]) -> JSONLine {
    .array(
      windows.map { window in
        let kinds = window.shares.seconds.map { column in
          JSONLine.array(column.prefix(RankFigures.mostTracks).map { .number(rounded($0)) })
        }
        return .object(
          [("step", .integer(window.step)), ("steps", .integer(window.shares.steps))]
            + zip(RankFigures.kinds, kinds).map { ($0, $1) })
      })
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
}
