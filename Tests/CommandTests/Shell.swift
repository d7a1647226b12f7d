import Foundation

/// Programs of the system, run to their end with a deadline.
enum Shell {
  /// What became of a program.
  struct Outcome {
    /// The exit status, or 128 and the signal where one ended it.
    var status: Int32
    var output: String
    var error: String
    var seconds: Double

    /// The lines on standard error that `lockstep` itself says it failed with.
    var complaints: [Substring] {
      error.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") && !$0.hasPrefix("lockstep: note: ") }
    }
  }

  /// - Parameters:
  ///   - program: a path, or a name in one of the system's folders.
  ///   - directory: where it starts; this process's by default.
  ///   - input: what it reads on standard input; nothing by default.
  ///   - seconds: after which it is killed, which fails the test that waits for it.
  ///   - whileRunning: called once, after the start; it may kill what it finds.
  static func run(
    _ program: String, _ arguments: [String], directory: String? = nil, environment: [String: String] = [:],
    input: String = "", seconds: Double = 60, whileRunning: (Running) throws -> Void = { _ in }
  ) throws -> Outcome {
    guard let path = path(of: program) else { throw CocoaError(.fileNoSuchFile, userInfo: ["program": program]) }
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    var variables = ProcessInfo.processInfo.environment
    variables["PATH", default: "/usr/bin:/bin"] += ":/usr/sbin:/sbin"
    process.environment = variables.merging(environment) { $1 }
    try folder.write(input, to: "input")
    let source = try FileHandle(forReadingFrom: URL(filePath: folder.path + "/input"))
    process.standardInput = source
    // Files, not pipes: what a daemon inherits would keep a pipe open.
    let streams = try ["output", "error"].map { try file(folder.path + "/" + $0) }
    (process.standardOutput, process.standardError) = (streams[0], streams[1])
    let start = ContinuousClock.now
    try process.run()
    for stream in streams + [source] { try stream.close() }
    let running = Running(process: process, deadline: start + .seconds(seconds), errors: folder.path + "/error")
    defer { running.kill() }
    try whileRunning(running)
    try running.wait { !process.isRunning }
    let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
    return Outcome(
      status: signal + process.terminationStatus, output: try folder.read("output"), error: try folder.read("error"),
      seconds: (.now - start) / .seconds(1))
  }

  /// Whether every one of these programs is installed.
  static func has(_ programs: String...) -> Bool { programs.allSatisfy { path(of: $0) != nil } }

  private static func path(of program: String) -> String? {
    let candidates =
      program.contains("/") ? [program] : ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { $0 + "/" + program }
    return candidates.first(where: FileManager.default.isExecutableFile)
  }

  private static func file(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(filePath: path))
  }
}
