import Foundation
import Glibc

/// Asks hosts whether they answer, by the way on which the launcher reaches them.
struct HostProbe {
  let shell: RemoteShell
  let environment: [String: String]

  /// Seconds that a host has to answer.
  private static let patience = 15

  /// The hosts that run a command when asked to; this machine always does.
  func answering(_ hosts: [ClusterHost]) -> [ClusterHost] {
    let silent = Set(hosts.filter { !$0.isLocal }.map(\.name)).subtracting(run(["true"], on: hosts))
    return hosts.filter { !silent.contains($0.name) }
  }

  /// Runs a command on all other machines at once; gives the names of those on which it succeeded in time.
  /// - Parameters:
  ///   - words: the program and its arguments.
  ///   - includingThis: whether it is run on this machine, too, if it is one of the hosts.
  ///   - input: what the command reads, a few bytes.
  @discardableResult
  func run(
    _ words: [String], on hosts: [ClusterHost], includingThis: Bool = false, input: [UInt8] = []
  ) -> Set<String> {
    var jobs: [String: Job] = [:]
    for host in hosts where includingThis || !host.isLocal {
      jobs[host.name] = start(shell.commandLine(words, on: host, listens: !input.isEmpty), input)
    }
    var succeeded: Set<String> = []
    let deadline = ContinuousClock.now + .seconds(Self.patience)
    while !jobs.isEmpty, ContinuousClock.now < deadline {
      for (name, job) in jobs {
        guard let exit = job.poll() else { continue }
        if exit == .status(0) { succeeded.insert(name) }
        jobs[name] = nil
      }
      usleep(10_000)
    }
    return succeeded
  }

  /// A command that reads a few bytes, which a socket holds whole.
  private func start(_ command: CommandLine, _ input: [UInt8]) -> Job? {
    if input.isEmpty { return try? Job([command], environment: environment) }
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
    defer { close(ends[0]) }
    let count = send(ends[1], input, input.count, Int32(MSG_NOSIGNAL))
    close(ends[1])
    return count == input.count ? try? Job([command], environment: environment, input: ends[0]) : nil
  }
}
