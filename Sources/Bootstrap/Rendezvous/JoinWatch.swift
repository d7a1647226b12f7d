import Foundation
import Glibc
import Synchronization
import Transport

/// Looks, while ranks find each other, for a rank of this host whose process is stopped.
///
/// A rank that is stopped before the others know of it sends no heartbeat that could be missed, and the launcher's process
/// manager waits for it without a word. The kernel says that it is stopped, and its environment which rank it is.
final class JoinWatch: Sendable {
  /// A process of the job that is stopped.
  struct Stopped: Hashable {
    var rank: Int
    var process: pid_t
  }

  private let isOver = Atomic<Bool>(false)
  private let latest = Mutex<Stopped?>(nil)

  /// The process that was stopped when the watch last looked. What else goes wrong then is its consequence.
  var stopped: Stopped? { latest.withLock { $0 } }

  /// - Parameters:
  ///   - limit: for how long a process may be stopped.
  ///   - onStopped: called once, on its own thread.
  init(
    _ identity: Identity, in environment: [String: String], limit: Nanoseconds,
    onStopped: @escaping @Sendable (Stopped) -> Void
  ) {
    guard let job = Job(identity, environment) else { return }
    let thread = Thread { [weak self] in
      var since: [Stopped: Nanoseconds] = [:]
      while let self, !isOver.load(ordering: .relaxed) {
        let now = System.now
        let stopped = job.stopped
        since = Dictionary(uniqueKeysWithValues: stopped.map { ($0, since[$0] ?? now) })
        latest.withLock { $0 = stopped.min { $0.rank < $1.rank } }
        if let (found, _) = since.filter({ now - $0.value >= limit }).min(by: { $0.key.rank < $1.key.rank }) {
          return onStopped(found)
        }
        usleep(Self.interval)
      }
    }
    thread.name = "lockstep join"
    thread.start()
  }

  /// The ranks are together: their heartbeats report from now on.
  func end() { isOver.store(true, ordering: .relaxed) }

  private static let interval: useconds_t = 200_000

  /// What the processes of one job on this host have in common.
  struct Job {
    /// Variables with their values, as an environment holds them.
    private let marks: [Data]
    /// The beginning of the variable with the rank.
    private let rankMark: Data
    private let program: String

    /// Nil where nothing distinguishes this job's processes from others.
    init?(_ identity: Identity, _ environment: [String: String]) {
      let names = ["PMIX_NAMESPACE", "SLURM_JOB_ID", "SLURM_STEP_ID", JobEnvironment.rendezvous, JobEnvironment.epoch]
      marks = names.compactMap { name in environment[name].map { Data("\(name)=\($0)".utf8) } }
      rankMark = Data("\(identity.source.rawValue)=".utf8)
      guard !marks.isEmpty, let program = Self.program(of: "self") else { return nil }
      self.program = program
    }

    /// Its processes that are stopped.
    var stopped: [Stopped] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.compactMap { pid_t($0) }.filter { $0 != getpid() && Self.isStopped($0) }.compactMap { process in
        guard Self.program(of: "\(process)") == program, let rank = rank(of: process) else { return nil }
        return Stopped(rank: rank, process: process)
      }
    }

    private func rank(of process: pid_t) -> Int? {
      guard let text = FileManager.default.contents(atPath: "/proc/\(process)/environ") else { return nil }
      let variables = text.split(separator: 0)
      guard marks.allSatisfy(variables.contains), let own = variables.first(where: { $0.starts(with: rankMark) }) else {
        return nil
      }
      return Int(String(decoding: own.dropFirst(rankMark.count), as: UTF8.self))
    }

    /// Whether the kernel says T: stopped by a signal.
    private static func isStopped(_ process: pid_t) -> Bool {
      guard let text = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
        let end = text.lastIndex(of: UInt8(ascii: ")")), text.count > end + 2
      else { return false }
      return text[end + 2] == UInt8(ascii: "T")
    }

    private static func program(of process: String) -> String? {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")
    }
  }
}
