import Foundation
import Glibc

/// The processes of one start: the launcher, or the ranks themselves where this program is their launcher.
final class Job {
  private var running: [pid_t]
  private var exits: [ProcessExit] = []
  /// When the first process ended in trouble, and how; the others must follow.
  private(set) var firstFailure: ContinuousClock.Instant?
  private(set) var firstFailedExit: ProcessExit?

  /// Starts all commands, or none; throws `LaunchError` naming the program.
  /// - Parameter input: a descriptor for what all of them read; -1 for nothing.
  init(_ commands: [CommandLine], environment: [String: String], input: Int32 = -1) throws(LaunchError) {
    running = []
    do {
      for command in commands {
        running.append(try ChildProcess.start(command, environment, ChildProcess.Streams(input: input)))
      }
    } catch {
      kill()
      throw error
    }
  }

  deinit { kill() }

  /// Looks after the processes; gives how they ended once all have: the first failure, or the status they share.
  func poll() -> ProcessExit? {
    running.removeAll { process in
      var status: Int32 = 0
      let answer = waitpid(process, &status, WNOHANG)
      guard answer == process || (answer < 0 && errno == ECHILD) else { return false }
      let exit: ProcessExit = status & 0x7f == 0 ? .status((status >> 8) & 0xff) : .signal(status & 0x7f)
      exits.append(exit)
      if exit != .status(0), firstFailure == nil { (firstFailure, firstFailedExit) = (.now, exit) }
      return true
    }
    guard running.isEmpty else { return nil }
    return exits.first { $0 != .status(0) } ?? .status(0)
  }

  func signal(_ signal: Int32) {
    for process in running { Glibc.kill(process, signal) }
  }

  /// Ends what still runs, at once.
  func kill() {
    for process in running {
      Glibc.kill(-process, SIGKILL)
      Glibc.kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    if !running.isEmpty { exits.append(.signal(SIGKILL)) }
    running = []
  }
}
