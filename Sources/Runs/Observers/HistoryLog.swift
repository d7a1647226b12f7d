import Foundation
import Support

/// `history.jsonl`: what happened besides steps and evaluations, each line with the time: starts, checkpoints, warnings, the end.
///
/// A run that is resumed continues in the same file, so that it holds every start, each with what was known of the run then (`run`:
/// host, command, model, rows, ranks). Times are seconds since 1970.
public final class HistoryLog: Observer {
  private let path: String
  private let wait: DiskWait
  private var file: AppendedFile?
  private var step = 0
  private let run: JSONLine?

  /// - Parameter run: facts that stand in the line of each start.
  public init(path: String, wait: DiskWait = .usual, run: JSONLine? = nil) {
    (self.path, self.wait, self.run) = (path, wait, run)
  }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, let total):
      self.step = step
      file = try AppendedFile(path, anew: step == 0, wait: wait)
      try write("began", [("total_steps", .integer(total))] + (run.map { [("run", $0)] } ?? []))
    case .step(let report): step = report.step
    case .checkpoint(let step): try write("checkpoint", step: step)
    case .warning(let text): try write("warning", [("text", .string(text))])
    case .ended:
      try write("ended")
      file = nil
    case .evaluation, .pace, .histograms: break
    }
  }

  private func write(_ name: String, step: Int? = nil, _ more: [(String, JSONLine)] = []) throws {
    let time = (Date.now.timeIntervalSince1970 * 1000).rounded() / 1000
    let line = JSONLine.object(
      [("event", .string(name)), ("step", .integer(step ?? self.step)), ("time", .number(time))] + more)
    try file?.write((line.description + "\n").utf8)
  }
}
