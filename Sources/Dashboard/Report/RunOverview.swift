import Checkpoints
import Console
import Foundation
import Support

/// The tables of runs: how each stands, on which machine it ran, and what its files hash to.
struct RunOverview {
  let runs: [ReportedRun]
  /// Seconds since 1970.
  let now: Double

  private func row(_ name: String, _ value: (ReportedRun) -> String?) -> (name: String, values: [String]) {
    (name, runs.map { value($0) ?? "" })
  }

  /// What the run said of itself at its start.
  private func said(_ name: String, _ key: String) -> (name: String, values: [String]) {
    row(name) { run in
      switch run.reader.events.facts?[key] {
      case .string(let text)?: text
      case .integer(let count)?: count.grouped
      default: nil
      }
    }
  }

  var part: ReportPart {
    let status = runs.map { RunStatus($0.reader, now: now) }
    func each(_ name: String, _ value: (RunStatus, ReportedRun) -> String?) -> (name: String, values: [String]) {
      (name, zip(status, runs).map { value($0, $1) ?? "" })
    }
    let state = [
      each("state") { status, _ in status.state.rawValue },
      each("failure") { status, _ in status.failure },
      each("best") { status, _ in status.best.map(Self.words) },
      each("loss of the last step") { _, run in run.reader.record.curves[0].latest.map(Markup.four) },
      each("steps") { status, _ in status.totalSteps.map { "\(status.step) of \($0)" } ?? "\(status.step)" },
    ]
    let origin = [
      said("model", "model"), said("task", "task"), said("targets", "targets"), said("training rows", "rows"),
      said("validation rows", "validation_rows"), said("trained weights", "trained_weights"),
      said("frozen weights", "frozen_weights"), said("batch", "batch"), said("microbatch", "microbatch"),
      said("precision", "precision"),
    ]
    let course = [
      row("started") { run in (run.reader.events.firstTime ?? run.reader.events.began?.time).map(Self.date) },
      row("ended") { run in
        run.reader.events.hasEnded ? run.reader.events.events.last { $0.kind == "ended" }?.time.map(Self.date) : nil
      },
      each("time") { status, _ in status.elapsed.map { String(format: "%.1f s", $0) } },
      each("rows per second, latest") { status, _ in status.speed.map { String(format: "%.0f", $0) } },
      each("ranks") { status, _ in "\(status.ranks)" },
      row("hosts") { run in
        run.reader.events.facts?.hosts.map { "\($0.name) (\($0.ranks.of("rank")))" }.joined(separator: ", ")
      },
      each("threads of a rank") { _, run in run.reader.files.summary?["threads"]?.integer.map(String.init) },
      each("most memory of a rank") { _, run in
        run.reader.record.ranks.memory.max().map { String(format: "%.0f MB", $0 / 1e6) }
      },
      each("restarts") { status, _ in "\(status.restarts)" },
      each("warnings") { _, run in "\(run.reader.events.warnings)" },
      said("command", "command"), said("in the folder", "directory"),
      row("this report") { _ in Self.date(now) },
    ]
    return ReportPart(
      runs.count == 1 ? "The run" : "The runs", [.table(columns: runs.map(\.name), rows: state + origin + course)])
  }

  private static func words(_ best: BestScore) -> String {
    let place = best.step.map { "step \($0), " } ?? ""
    let positive = best.positive.map { " of \($0)" } ?? ""
    return "\(best.metric)\(positive) \(Markup.four(best.value)) (\(place)\(best.weights) weights)"
  }

  /// `2026-11-29 17:05:01 +01:00`, of seconds since 1970.
  static func date(_ seconds: Double) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss xxx"
    return formatter.string(from: Date(timeIntervalSince1970: seconds))
  }

  var machine: ReportPart {
    func fact(_ name: String, _ key: String) -> (name: String, values: [String]) {
      row(name) { run in
        let value = run.reader.files.summary?["machine"]?[key]
        return value?.text ?? value?.elements.map { $0.compactMap(\.text).joined(separator: " ") }
      }
    }
    return ReportPart(
      "The machine",
      [
        .table(
          columns: runs.map(\.name),
          rows: [
            said("Lockstep", "version"), fact("processor", "processor"), fact("features", "features"),
            fact("OpenBLAS", "openblas"), fact("OpenBLAS kernel", "openblas_kernel"), fact("oneDNN", "onednn"),
            row("reduction") { $0.reader.files.summary?["reduction"]?.text },
          ])
      ])
  }

  var hashes: ReportPart {
    func file(_ path: String) -> String? { try? sha256(ofFile: path) }
    return ReportPart(
      "Hashes",
      [
        .table(
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
      ])
  }
}
