import CSpawn
import Glibc

/// Starts programs that end with this one.
package enum ChildProcess {
  /// Descriptors for a program's standard streams; in place of -1 it reads nothing, and writes where this process does.
  package struct Streams {
    var input: Int32
    var output: Int32
    var error: Int32

    package init(input: Int32 = -1, output: Int32 = -1, error: Int32 = -1) {
      (self.input, self.output, self.error) = (input, output, error)
    }
  }

  /// Starts a command; throws `LaunchError` naming the program.
  package static func start(
    _ command: CommandLine, _ environment: [String: String], _ streams: Streams = Streams()
  ) throws(LaunchError) -> pid_t {
    let path = try path(of: command.program, environment)
    let variables = environment.merging(command.environment) { $1 }.map { "\($0.key)=\($0.value)" }
    var process: pid_t = 0
    let code = withCStrings([path] + command.arguments) { arguments in
      withCStrings(variables) { variables in
        lockstep_spawn(path, arguments, variables, [streams.input, streams.output, streams.error], &process)
      }
    }
    guard code == 0 else {
      throw LaunchError(
        "\(path) cannot be started: \(String(cString: strerror(code)))", advice: "check the file and its permissions")
    }
    return process
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
}

/// Calls `body` with the texts as a null-terminated array of C strings.
private func withCStrings<Value>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  let pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
