import Foundation
import Recipes
import Runs
import Support

/// The runs below a folder, a line each: state, steps, best figure, what their recipes have that others have not, size.
package struct RunList {
  /// A run.
  package struct Line {
    /// Its path below the folder.
    package let name: String
    package let state: String
    package let step: Int
    package let totalSteps: Int?
    /// Such as `accuracy 0.8211`; nil before the first evaluation.
    package let best: String?
    /// The metric's value.
    package let bestValue: Double?
    /// Values of the recipe that are not the same in all runs.
    package let settings: [(key: String, value: String)]
    package let bytes: Int
    /// What was put aside, which no run reads any more.
    package let aside: [PutAside]
  }

  package let lines: [Line]
  /// Older runs that are not listed.
  package let leftOut: Int

  /// Values of the recipes that are listed, at most.
  private static let mostDifferences = 6

  /// - Parameters:
  ///   - directory: a folder of runs.
  ///   - now: seconds since 1970.
  package init(_ directory: RunDirectory, now: Double) {
    let collection = RunCollection(directory)
    collection.refresh(now: now)
    let differences = RunListSnapshot.differences(collection.runs).prefix(Self.mostDifferences)
    leftOut = collection.leftOut
    lines = collection.runs.map { run in
      let status = RunStatus(run.reader, now: now)
      return Line(
        name: run.name, state: status.state.rawValue, step: status.step, totalSteps: status.totalSteps,
        best: status.best.map { "\($0.metric) \(String(format: "%.4f", $0.value))" }, bestValue: status.best?.value,
        settings: differences.compactMap { key in run.settings[key].map { (key, Double($0)?.written ?? $0) } },
        bytes: run.size,
        aside: (try? PutAside.all(in: run.reader.directory)) ?? [])
    }
  }
}

extension RunList.Line {
  /// For people.
  package var text: String {
    let steps = totalSteps.map { "step \(step) of \($0)" } ?? "step \(step)"
    let size = PutAside.megabytes(bytes)
    let idle = aside.isEmpty ? "" : ", of it aside \(PutAside.megabytes(asideBytes))"
    let values = settings.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    return ([name, state, steps, best ?? "no evaluation", size + idle] + (values.isEmpty ? [] : [values]))
      .joined(separator: "  ")
  }

  package var asideBytes: Int { aside.reduce(0) { $0 + $1.bytes } }

  /// The same for programs.
  package var json: JSONLine {
    .object([
      ("name", .string(name)), ("state", .string(state)), ("step", .integer(step)),
      ("total_steps", totalSteps.map(JSONLine.integer) ?? .null), ("best", bestValue.map(JSONLine.number) ?? .null),
      ("settings", .object(settings.map { ($0.key, .string($0.value)) })), ("bytes", .integer(bytes)),
      ("aside_bytes", .integer(asideBytes)),
    ])
  }
}
