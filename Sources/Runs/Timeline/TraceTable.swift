import Foundation
import Support

extension TraceSummary: CustomStringConvertible {
  /// A table with a line for each thread and kind, and a column a rank; of many ranks the least, the mean and the most.
  public var description: String {
    var lines = [row("", columns.map { $0.title })]
    let names = unique(ranks.flatMap { $0.threads.map(\.name) })
    for name in names {
      let threads = ranks.map { $0[name] }
      lines.append(row(name, columns.map { $0.text(threads.map { $0?.duration ?? 0 }) }))
      for kind in unique(threads.flatMap { $0?.totals.map(\.kind) ?? [] }) {
        let shares = columns.map { column in
          column.text(threads.map { $0?[kind]?.seconds ?? 0 }, of: threads.map { $0?.duration ?? 0 })
        }
        lines.append(row("  " + (Self.words[kind] ?? kind), shares))
      }
      let idle = threads.map { thread in thread.map { $0.duration - $0.totals.reduce(0) { $0 + $1.seconds } } ?? 0 }
      lines.append(row("  everything else", columns.map { $0.text(idle, of: threads.map { $0?.duration ?? 0 }) }))
    }
    return (lines + notes).joined(separator: "\n")
  }

  /// What a kind's own time is, where its name does not say it.
  private static let words = [
    "step": "rest of the steps", "operation": "moving and adding", "waiting": "waiting for the last rank",
    "writing": "writing checkpoints",
  ]

  private static let shownRanks = 8

  private struct Column {
    var title: String
    /// Picks one figure of all ranks'.
    var pick: ([Double]) -> Double

    func text(_ seconds: [Double], of durations: [Double]? = nil) -> String {
      let value = pick(seconds)
      guard let durations else { return String(format: "%.3f s        ", value) }
      let duration = pick(durations)
      return String(format: "%.3f s %5.1f %%", value, duration > 0 ? 100 * value / duration : 0)
    }
  }

  private var columns: [Column] {
    guard ranks.count > Self.shownRanks else {
      return ranks.enumerated().map { index, rank in Column(title: "rank \(rank.rank)        ") { $0[index] } }
    }
    return [
      Column(title: "least        ") { $0.min() ?? 0 },
      Column(title: "mean        ") { $0.reduce(0, +) / Double(max(1, $0.count)) },
      Column(title: "most        ") { $0.max() ?? 0 },
    ]
  }

  private func row(_ head: String, _ cells: [String]) -> String {
    func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) }
    let line = head + padded(head, 28) + cells.map { padded($0, 22) + $0 }.joined()
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private var notes: [String] {
    let uncertainty = ranks.map(\.clockUncertainty).max() ?? 0
    let dropped = ranks.reduce(0) { $0 + $1.dropped }
    return (uncertainty > 0 ? [String(format: "clocks agree to %.0f microseconds", uncertainty)] : [])
      + (dropped > 0 ? ["\(dropped) older spans were dropped: the trace holds the end of the run"] : [])
  }

  private func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { known, name in if !known.contains(name) { known.append(name) } }
  }

  /// The same for programs.
  public var json: JSONLine {
    .object([
      (
        "ranks",
        .array(
          ranks.map { rank in
            .object([
              ("rank", .integer(rank.rank)), ("name", .string(rank.name)),
              ("clock_uncertainty_us", .number(rank.clockUncertainty)), ("dropped_spans", .integer(rank.dropped)),
              ("threads", .object(rank.threads.map { ($0.name, $0.json) })),
            ])
          })
      )
    ])
  }
}

extension TraceSummary.Thread {
  fileprivate var json: JSONLine {
    .object([
      ("seconds", .number(duration)),
      (
        "kinds",
        .object(
          totals.map {
            (
              $0.kind,
              .object([("count", .integer($0.count)), ("seconds", .number($0.seconds)), ("whole", .number($0.whole))])
            )
          })
      ),
    ])
  }
}
