import Foundation
import Support

/// The starts of the last launch into a folder, from its `launch.jsonl`.
public struct LaunchAttempts: CustomStringConvertible, Encodable, Sendable {
  /// The lines of that launch, in order.
  let entries: [History.Entry]
  /// Lines that are not entries, of the whole file.
  let unreadableLines: Int

  private static let largestFile = 64 << 20

  public var isEmpty: Bool { entries.isEmpty && unreadableLines == 0 }

  /// Reads the history of a run's folder; empty where there is none.
  public init(output: String) {
    let bytes = (try? FileReader.beginning(of: output + "/launch.jsonl", Self.largestFile)) ?? []
    self.init(text: String(decoding: bytes, as: UTF8.self))
  }

  package init(text: String) {
    let lines = text.split(whereSeparator: \.isNewline)
    let all = lines.map { try? History.Entry.decode(json: $0.utf8) }
    unreadableLines = all.count { $0 == nil }
    let read = all.compactMap(\.self)
    let first = read.lastIndex { $0.event == .started && $0.attempt == 0 } ?? 0
    entries = Array(read[first...])
  }

  public func encode(to encoder: any Encoder) throws { try entries.encode(to: encoder) }

  public var description: String {
    var lines = entries.filter { $0.event == .started }.map(line)
    if let over = entries.last, over.event == .over, let decision = over.decision {
      lines.append("launch: \(decision)")
    }
    if unreadableLines > 0 {
      lines.append(
        "launch.jsonl: \(unreadableLines == 1 ? "1 line" : "\(unreadableLines) lines") cannot be read")
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ start: History.Entry) -> String {
    let ranks = start.ranks.map { $0 == 1 ? "1 rank" : "\($0) ranks" } ?? "ranks"
    let hosts = (start.hosts ?? []).joined(separator: ", ")
    let place = start.committedStep.map { ", from step \($0)" } ?? ""
    let begin = "start \(start.attempt + 1): \(ranks) on \(hosts)\(place)"
    guard let end = entries.first(where: { $0.event == .ended && $0.attempt == start.attempt }) else {
      return "\(begin): not over, or its launch was killed"
    }
    let time = end.seconds.map { String(format: " after %.1f s", $0) } ?? ""
    return "\(begin): \(end.outcome ?? "ended")\(time)" + (end.reason.map { ": \($0)" } ?? "")
  }
}
