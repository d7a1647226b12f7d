import Foundation
import Support

/// What happened in a run besides its steps: starts, checkpoints, warnings, restarts; from `history.jsonl` and `launch.jsonl`.
struct RunEvents {
  struct Event {
    /// `began`, `resumed`, `checkpoint`, `warning`, `ended`, `launch` or `failed`.
    var kind: String
    var step: Int?
    /// Seconds since 1970.
    var time: Double?
    var text = ""
  }

  /// The latest, oldest first.
  private(set) var events: [Event] = []
  /// Grows with each event.
  private(set) var count = 0
  private(set) var totalSteps: Int?
  /// When and at which step the latest start began.
  private(set) var began: (step: Int, time: Double)?
  private(set) var starts = 0
  /// When the run began the first time.
  private(set) var firstTime: Double?
  /// What the latest start said of the run.
  private(set) var facts: RunFacts?
  private(set) var hasEnded = false
  private(set) var lastCheckpoint: Int?
  /// Warnings of the latest start.
  private(set) var warnings = 0

  private static let mostEvents = 400

  /// Takes a line of `history.jsonl`.
  mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let line = try? JSONParser.parse(bytes), let kind = line["event"]?.text else { return }
    let step = line["step"]?.integer.flatMap { 0...Curve.lastStep ~= $0 ? $0 : nil }
    var event = Event(kind: kind, step: step, time: line["time"]?.number, text: line["text"]?.text ?? "")
    switch kind {
    case "began":
      totalSteps = line["total_steps"]?.integer.flatMap { 1...Curve.lastStep ~= $0 ? $0 : nil }
      began = (step ?? 0, event.time ?? 0)
      (starts, hasEnded, warnings) = (starts + 1, false, 0)
      firstTime = firstTime ?? event.time
      facts = line["run"].map(RunFacts.init) ?? facts
      if step ?? 0 > 0 { event.kind = "resumed" }
    case "checkpoint": lastCheckpoint = step
    case "warning": warnings += 1
    case "ended": hasEnded = true
    default: return
    }
    append(event)
  }

  /// Takes a line of `launch.jsonl`.
  mutating func addLaunch(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let line = try? JSONParser.parse(bytes), let kind = line["event"]?.text else { return }
    let time = line["time"]?.text.flatMap(Self.seconds)
    let step = line["committed_step"]?.integer.flatMap { 0...Curve.lastStep ~= $0 ? $0 : nil }
    switch kind {
    case "started":
      let hosts = (line["hosts"]?.elements ?? []).prefix(16).compactMap(\.text).joined(separator: ", ")
      let ranks = line["ranks"]?.integer ?? 0
      let place = hosts.isEmpty ? "" : " on \(hosts)"
      append(Event(kind: "launch", step: step, time: time, text: "\(ranks) ranks started" + place))
    case "ended" where line["outcome"]?.text != "finished":
      let reason = line["reason"]?.text ?? line["outcome"]?.text ?? "for an unknown reason"
      append(Event(kind: "failed", step: step, time: time, text: reason))
    default: break
    }
  }

  private mutating func append(_ event: Event) {
    events.append(event)
    if events.count > Self.mostEvents { events.removeFirst(events.count - Self.mostEvents / 2) }
    count += 1
  }
}

extension RunEvents {
  /// `2026-11-22T03:17:07Z` in seconds since 1970.
  private static func seconds(_ text: String) -> Double? {
    (try? Date(text, strategy: .iso8601))?.timeIntervalSince1970
  }
}
