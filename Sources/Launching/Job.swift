import CSpawn
import Foundation
import Glibc

/// The processes of one start: the launcher, or the ranks themselves where this program is their launcher.
final class Job {
  private var running: [pid_t]
  private var exits: [ProcessExit] = []
  /// When the first process ended in trouble; the others must follow.
  private(set) var firstFailure: ContinuousClock.Instant?

  /// Starts all commands, or none; throws `LaunchError` naming the program.
  init(_ commands: [CommandLine], environment: [String: String]) throws(LaunchError) {
    running = []
    do {
      for command in commands {
        let path = try Self.path(of: command.program, environment)
        running.append(try Self.start(path, command, environment))
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
      if exit != .status(0), firstFailure == nil { firstFailure = .now }
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

  private static func path(of program: String, _ environment: [String: String]) throws(LaunchError) -> String {
    if program.contains("/") { return program }
    let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    let candidates: [String] = folders.map { "\($0)/\(program)" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw LaunchError(
        "\(program) is not on the PATH", advice: "install it, or start the ranks on this machine with --launcher local")
    }
    return path
  }

  private static func start(
    _ path: String, _ command: CommandLine, _ environment: [String: String]
  ) throws(LaunchError) -> pid_t {
    let variables = environment.merging(command.environment) { $1 }.map { "\($0.key)=\($0.value)" }
    var process: pid_t = 0
    let code = withCStrings([path] + command.arguments) { arguments in
      withCStrings(variables) { variables in lockstep_spawn(path, arguments, variables, &process) }
    }
    guard code == 0 else {
      throw LaunchError(
        "\(path) cannot be started: \(String(cString: strerror(code)))", advice: "check the file and its permissions")
    }
    return process
  }
}

/// Calls `body` with the texts as a null-terminated array of C strings.
private func withCStrings<Value>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  let pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
