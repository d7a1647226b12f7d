import Checkpoints
import Foundation
import Support

/// One or several runs as one page that stands alone: curves, comparison, confusion matrix, calibration, recipes, machines, hashes.
package struct Report {
  private let runs: [ReportedRun]

  /// Points of a curve; wider screens are rare, and the file stays small.
  private static let points = 800

  package init(_ runs: [ReportedRun]) {
    precondition(!runs.isEmpty, "a report is about at least one run")
    self.runs = runs
  }

  /// The page.
  package var html: String {
    let now = Date.now.timeIntervalSince1970
    let data = JSONLine.object([
      ("runs", .array(runs.map { RunSnapshot($0.reader, points: Self.points, now: now).json }))
    ])
    let title = runs.count == 1 ? runs[0].name : "\(runs.count) runs: " + runs.map(\.name).joined(separator: ", ")
    return Page(
      title: "\(title) · Lockstep", body: body(title, now),
      scripts: [Assets.numbers, Assets.charts, Assets.panels, Assets.report], data: data.description, connects: false
    ).html
  }

  private func body(_ title: String, _ now: Double) -> String {
    let head = Markup(
      html: """
        <header class="top"><div class="title"><h1>\(title.escapedForHTML)</h1></div>
        <button id="theme" type="button" class="plain" aria-label="Switch between light and dark">◐</button></header>
        """)
    let validations = runs.map { Markup.element("div", "grid", ValidationSection(run: $0).markup) }
    let sections: [Markup] = [
      .part(runs.count == 1 ? "The run" : "The runs", [overview(now)]),
      .part("Curves", [.place("grid", id: "curves")]),
      .part("Validation", [.place("grid", id: "scores")]),
      .part("The best model on the validation rows", validations),
      .part("Ranks and events", [.place("", id: "ranks")]),
      runs.count == 1 ? .join([]) : .part("What differs between the recipes", [differences]),
      .part(runs.count == 1 ? "The recipe" : "The recipes", runs.map(recipe)),
      .part("The machine", [machine]),
      .part("Hashes", [hashes]),
    ]
    return head.html + "\n<main>\n" + Markup.join(sections).html + "\n</main>"
  }

  private func row(_ name: String, _ value: (ReportedRun) -> String?) -> (name: String, values: [String]) {
    (name, runs.map { value($0) ?? "" })
  }

  private func overview(_ now: Double) -> Markup {
    let status = Dictionary(uniqueKeysWithValues: runs.indices.map { ($0, RunStatus(runs[$0].reader, now: now)) })
    func each(_ name: String, _ value: (RunStatus, ReportedRun) -> String?) -> (name: String, values: [String]) {
      (name, runs.indices.map { index in status[index].flatMap { value($0, runs[index]) } ?? "" })
    }
    return .table(
      columns: runs.map(\.name),
      rows: [
        each("state") { status, _ in status.state.rawValue },
        each("failure") { status, _ in status.failure },
        each("steps") { status, _ in status.totalSteps.map { "\(status.step) of \($0)" } ?? "\(status.step)" },
        each("best") { _, run in
          guard let best = run.reader.files.summary?["best"], let value = best["value"]?.number else { return nil }
          let place = "step \(best["step"]?.integer ?? 0), \(best["weights"]?.text ?? "raw") weights"
          let positive = best["positive"]?.text.map { " of \($0)" } ?? ""
          return "\(best["metric"]?.text ?? "")\(positive) \(Markup.four(value)) (\(place))"
        },
        each("loss of the last step") { _, run in run.reader.record.curves[0].latest.map(Markup.four) },
        each("ranks") { status, _ in "\(status.ranks)" },
        each("threads of a rank") { _, run in run.reader.files.summary?["threads"]?.integer.map(String.init) },
        each("time") { status, _ in status.elapsed.map { String(format: "%.1f s", $0) } },
        each("rows per second, latest") { status, _ in status.speed.map { String(format: "%.0f", $0) } },
        each("most memory of a rank") { _, run in
          run.reader.record.ranks.memory.max().map { String(format: "%.0f MB", $0 / 1e6) }
        },
        each("restarts") { status, _ in "\(status.restarts)" },
        each("warnings") { _, run in "\(run.reader.events.warnings)" },
      ])
  }

  private var differences: Markup {
    let keys = Set(runs.flatMap(\.settings.keys)).filter { key in Set(runs.map { $0.settings[key] }).count > 1 }
    guard !keys.isEmpty else { return .element("p", "card", .text("Nothing: the recipes are the same.")) }
    return .table(columns: runs.map(\.name), rows: keys.sorted().map { key in row(key) { $0.settings[key] } })
  }

  private func recipe(_ run: ReportedRun) -> Markup {
    let text = run.reader.files.recipe ?? "There is no recipe.yaml in \(run.reader.directory.path)."
    return .element(
      "div", "card", .element("div", "head", .element("h2", "", .text(run.name))), .element("pre", "", .text(text)))
  }

  private var machine: Markup {
    func fact(_ name: String, _ key: String) -> (name: String, values: [String]) {
      row(name) { run in
        let value = run.reader.files.summary?["machine"]?[key]
        return value?.text ?? value?.elements.map { $0.compactMap(\.text).joined(separator: " ") }
      }
    }
    return .table(
      columns: runs.map(\.name),
      rows: [
        fact("processor", "processor"), fact("features", "features"), fact("OpenBLAS", "openblas"),
        fact("OpenBLAS kernel", "openblas_kernel"), fact("oneDNN", "onednn"),
        row("reduction") { $0.reader.files.summary?["reduction"]?.text },
      ])
  }

  private var hashes: Markup {
    func file(_ path: String) -> String? { try? sha256(ofFile: path) }
    return .table(
      columns: runs.map(\.name),
      rows: [
        row("weights (models/last)") { $0.reader.files.summary?["weights_sha256"]?.text },
        row("state that all ranks held") { run in
          run.reader.files.agreement.map { "\($0.hash) after step \($0.step)" }
        },
        row("ledger.jsonl") { file($0.reader.directory.ledger) },
        row("metrics.jsonl") { file($0.reader.directory.metrics) },
        row("recipe.yaml") { file($0.reader.directory.recipe) },
        row("program") { $0.reader.files.summary?["machine"]?["program_sha256"]?.text },
      ])
  }
}
