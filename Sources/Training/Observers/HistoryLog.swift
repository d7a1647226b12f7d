import Foundation

/// `history.jsonl`: what happened besides steps and evaluations, each line with the time: starts, checkpoints, warnings, the end.
///
/// A run that is resumed goes on in the same file, so that it holds every start. Times are seconds since 1970.
public final class HistoryLog: Observer {
  private let path: String
  private var file: FileHandle?
  private var step = 0

  public init(path: String) { self.path = path }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, let total):
      self.step = step
      try open(anew: step == 0)
      try write("began", [("total_steps", .integer(total))])
    case .step(let report): step = report.step
    case .checkpoint(let step): try write("checkpoint", step: step)
    case .warning(let text): try write("warning", [("text", .string(text))])
    case .ended:
      try write("ended")
      try file?.close()
    case .evaluation, .pace, .histograms: break
    }
  }

  private func open(anew: Bool) throws {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (anew ? O_TRUNC : 0)
    let descriptor = Glibc.open(path, flags, 0o666)
    guard descriptor >= 0 else {
      throw RunDirectoryError(path: path, problem: "cannot be opened for writing; check the folder's permissions")
    }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private func write(_ name: String, step: Int? = nil, _ more: [(String, JSONLine)] = []) throws {
    let time = (Date.now.timeIntervalSince1970 * 1000).rounded() / 1000
    let line = JSONLine.object(
      [("event", .string(name)), ("step", .integer(step ?? self.step)), ("time", .number(time))] + more)
    try file?.write(contentsOf: Data((line.description + "\n").utf8))
  }
}
