import Support

/// The runs of a folder as a page takes them: one JSON object, whole or with what is new since the one before.
package struct RunListSnapshot {
  /// What a page has of each run, by its id.
  package typealias Cursor = [String: RunSnapshot.Cursor]

  package let json: JSONLine
  package let cursor: Cursor

  /// Values of the recipes that differ between runs, at most.
  private static let mostDifferences = 40

  /// - Parameters:
  ///   - points: the most points of a curve.
  ///   - known: what was sent before.
  ///   - now: seconds since 1970.
  package init(_ collection: RunCollection, points: Int, since known: Cursor = [:], now: Double) {
    var cursor: Cursor = [:]
    let differences = Self.differences(collection.runs)
    let runs = collection.runs.map { run in
      let (json, own) = Self.run(run, differences, points, known[run.id] ?? RunSnapshot.Cursor(), now)
      cursor[run.id] = own
      return json
    }
    self.cursor = cursor
    json = .object([
      ("name", .string(RunSnapshot.name(collection.directory.path))), ("left_out", .integer(collection.leftOut)),
      ("settings", .array(differences.map(JSONLine.string))), ("runs", .array(runs)),
    ])
  }

  /// The keys of recipes whose values are not the same in all runs.
  static func differences(_ runs: [RunCollection.Entry]) -> [String] {
    let known = runs.filter { !$0.settings.isEmpty }
    guard let first = known.first else { return [] }
    let keys = Set(known.flatMap(\.settings.keys))
    let differing = keys.filter { key in known.contains { $0.settings[key] != first.settings[key] } }
    return Array(differing.sorted().prefix(mostDifferences))
  }

  private static func run(
    _ run: RunCollection.Entry, _ differences: [String], _ points: Int, _ known: RunSnapshot.Cursor, _ now: Double
  ) -> (JSONLine, RunSnapshot.Cursor) {
    let (reader, record) = (run.reader, run.reader.record)
    let loss = record.curves[0]
    let width = max(Curve.width(steps: record.step, buckets: points), loss.width)
    let isNew = known.generation != reader.generation || known.width != width
    let first = isNew ? 0 : known.step / width
    let status = RunStatus(reader, now: now)
    var pairs: [(String, JSONLine)] = [
      ("id", .string(run.id)), ("name", .string(run.name)), ("generation", .integer(reader.generation)),
      ("status", RunSnapshot.json(status, reader)), ("size", .integer(run.size)),
      ("started", (reader.events.firstTime ?? reader.events.began?.time).map(JSONLine.number) ?? .null),
      ("model", reader.events.facts?["model"] ?? .null), ("task", reader.events.facts?["task"] ?? .null),
      ("settings", .array(differences.map { run.settings[$0].map { .string(String($0.prefix(80))) } ?? .null })),
      ("width", .integer(width)), ("from", .integer(first)),
      ("loss", RunSnapshot.points(loss, width: width, from: first)),
    ]
    if isNew || known.evaluations != record.evaluations {
      pairs.append(
        ("scores", .array(record.scores.map { RunSnapshot.json($0, points: points, positive: record.positive) })))
    }
    let cursor = RunSnapshot.Cursor(
      generation: reader.generation, width: width, step: record.step, evaluations: record.evaluations)
    return (.object(pairs), cursor)
  }
}
