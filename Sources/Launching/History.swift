import Diagnostics
import Foundation
import Glibc

/// `OUTPUT/launch.jsonl`: what a supervisor did and why, a line an event.
public final class History {
  /// One line.
  struct Entry: Codable {
    enum Event: String, Codable { case started, ended, over }

    var event: Event
    var attempt: Int
    var ranks: Int?
    var hosts: [String]?
    var command: String?
    var seconds: Double?
    var outcome: String?
    var status: Int32?
    var reason: String?
    /// What killed the first rank that failed.
    var signal: Int32?
    /// What says that memory was short.
    var shortage: String?
    var verdict: Verdict?
    var committedStep: Int?
    var decision: String?
    var time = ""

    private enum CodingKeys: String, CodingKey {
      case event, attempt, ranks, hosts, command, seconds, outcome, status, reason, signal, shortage, verdict
      case committedStep = "committed_step"
      case decision, time
    }
  }

  private let file: FileHandle
  private let path: String

  /// Opens the history of a run's folder, which is made when needed; throws `LaunchError`.
  public init(output: String) throws(LaunchError) {
    path = output + "/launch.jsonl"
    try? FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw LaunchError("\(path): \(String(cString: strerror(errno)))", advice: "give an --output that can be written")
    }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Appends a line. A history that cannot be written is not worth ending a run for.
  func append(_ entry: Entry) {
    var entry = entry
    entry.time = Date.now.formatted(.iso8601)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(entry) else { return }
    try? file.write(contentsOf: line + Data("\n".utf8))
    try? file.synchronize()
  }
}
