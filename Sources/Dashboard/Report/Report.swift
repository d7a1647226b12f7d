import Foundation
import Support

/// One or several runs as one document that stands alone: a page, Markdown, or JSON.
package struct Report {
  private let runs: [ReportedRun]
  private let time: Date

  /// Points of a curve; as many as the page has room for.
  private static let points = 800
  private static let fewestPoints = 50
  /// Bytes that a page should not exceed.
  private static let largestPage = 290_000

  /// - Parameter time: when it is written.
  package init(_ runs: [ReportedRun], time: Date = .now) {
    precondition(!runs.isEmpty, "a report is about at least one run")
    (self.runs, self.time) = (runs, time)
  }

  private var title: String {
    runs.count == 1 ? runs[0].name : "\(runs.count) runs: " + runs.map(\.name).joined(separator: ", ")
  }

  private var facts: RunOverview { RunOverview(runs: runs, now: time.timeIntervalSince1970) }

  // MARK: HTML

  /// The page. Curves have fewer points where there are many.
  package var html: String {
    let body = body
    var points = Self.points
    while true {
      let page = page(body, points)
      if page.utf8.count <= Self.largestPage || points <= Self.fewestPoints { return page }
      points /= 2
    }
  }

  private func page(_ body: String, _ points: Int) -> String {
    let data = JSONLine.object([
      (
        "runs",
        .array(
          runs.map {
            RunSnapshot($0.reader, points: points, now: time.timeIntervalSince1970, hasRecipe: false).json
          })
      )
    ])
    return Page(
      title: "\(title) · Lockstep", body: body,
      scripts: Assets.shared + [Assets.report], data: data.description,
      connects: false
    ).html
  }

  private var body: String {
    let head = """
      <header class="top"><div class="title"><h1>\(title.escapedForHTML)</h1></div>
      <button id="theme" type="button" class="plain" aria-label="Switch between light and dark">◐</button></header>
      """
    let places: [ReportPart] = [
      ReportPart("Curves", [.figure(.join([.place("", id: "tools"), .place("grid", id: "curves")]))]),
      ReportPart("Validation", [.figure(.join([.place("grid", id: "scores"), .place("", id: "evaluations")]))]),
    ]
    let all = [facts.part] + places + [validation, ReportPart("Ranks and events", [.figure(.place("", id: "ranks"))])]
    let sections = (all + last).map(\.html)
    return head + "\n<main>\n" + Markup.join(sections).html + "\n</main>"
  }

  private var validation: ReportPart {
    ReportPart("The best model on the validation rows", ValidationParts(runs: runs).blocks)
  }

  private var last: [ReportPart] { recipes + [facts.machine, facts.hashes] }

  /// The recipe; of several runs what differs, and the first run's.
  private var recipes: [ReportPart] {
    func code(_ run: ReportedRun) -> ReportPart.Block {
      .code(title: run.name, run.reader.files.recipe ?? "There is no recipe.yaml in \(run.reader.directory.path).")
    }
    guard runs.count > 1 else { return [ReportPart("The recipe", [code(runs[0])])] }
    return [
      ReportPart("What differs between the recipes", [differences]),
      ReportPart("The recipe of the first run", [code(runs[0])]),
    ]
  }

  private var differences: ReportPart.Block {
    let keys = differingKeys
    guard !keys.isEmpty else { return .text("Nothing: the recipes are the same.") }
    return .table(
      columns: runs.map(\.name), rows: keys.map { key in (key, runs.map { $0.settings[key] ?? "" }) })
  }

  private var differingKeys: [String] {
    Set(runs.flatMap(\.settings.keys)).filter { key in Set(runs.map { $0.settings[key] }).count > 1 }.sorted()
  }

  // MARK: Markdown

  package var markdown: String {
    let parts = [facts.part, evaluations, validation] + last
    return (["# " + title.replacingOccurrences(of: "\n", with: " ") + "\n"] + parts.map(\.markdown))
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The latest evaluation of each run.
  private var evaluations: ReportPart {
    var names: [String] = []
    for score in runs.flatMap({ $0.reader.record.scores }) {
      let name = "\(score.metric), \(score.weights)"
      if !names.contains(name) { names.append(name) }
    }
    let rows = names.map { name in
      (
        name: name,
        values: runs.map { run in
          let score = run.reader.record.scores.first { "\($0.metric), \($0.weights)" == name }
          return score?.curve.latest.map(Markup.four) ?? ""
        }
      )
    }
    return ReportPart("The latest evaluation", [.table(columns: runs.map(\.name), rows: rows)])
  }

  // MARK: JSON

  /// One object, on several lines.
  package var json: String {
    let own = runs.map { run in
      JSONLine.object([
        ("name", .string(run.name)), ("folder", .string(run.reader.directory.path)),
        ("facts", .object(run.reader.events.facts?.json ?? [])),
        ("status", RunSnapshot.json(RunStatus(run.reader, now: time.timeIntervalSince1970), run.reader)),
        ("recipe", .object(run.settings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ("evaluations", .array(run.reader.record.scores.map(Self.json))), ("validation", Self.json(run.validation)),
      ])
    }
    let lines = own.map(\.description).joined(separator: ",\n")
    let differing = JSONLine.array(differingKeys.map(JSONLine.string)).description
    let written = JSONLine.string(RunOverview.date(time.timeIntervalSince1970)).description
    return "{\"written\": \(written), \"differing\": \(differing), \"runs\": [\n\(lines)\n]}\n"
  }

  private static func json(_ score: RunRecord.Score) -> JSONLine {
    let points = score.curve.points(width: score.curve.width).map {
      JSONLine.array([.integer($0.step), .number($0.mean)])
    }
    return .object([
      ("metric", .string(score.metric)), ("weights", .string(score.weights)), ("points", .array(points)),
    ])
  }

  private static func json(_ validation: Result<ReportedRun.Validation, ReportedRun.Absence>?) -> JSONLine {
    switch validation {
    case nil: .null
    case .failure(let absence): .object([("absent", .string(absence.reason))])
    case .success(let figures): figures.json
    }
  }
}
