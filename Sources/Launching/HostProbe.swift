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
    let silent = Set(hosts.filter { !$0.isLocal }.map(\.name)).subtracting(run("true", on: hosts))
    return hosts.filter { !silent.contains($0.name) }
  }

  /// Runs a command on all other machines at once; gives the names of those on which it succeeded in time.
  @discardableResult
  func run(_ command: String, on hosts: [ClusterHost]) -> Set<String> {
    var jobs: [String: Job] = [:]
    for host in hosts where !host.isLocal {
      jobs[host.name] = try? Job([shell.commandLine(command, on: host)], environment: environment)
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
}
