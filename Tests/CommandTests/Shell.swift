import Foundation

/// A program that is no part of Lockstep, run to its end with a deadline.
enum Shell {
  struct Outcome {
    var status: Int32
    var output: String
    var error: String
  }

  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], seconds: Double = 60
  ) throws -> Outcome {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: what a daemon inherits would keep a pipe open.
    process.standardOutput = try file(folder.path + "/output")
    process.standardError = try file(folder.path + "/error")
    try process.run()
    let running = Running(process: process, deadline: .now + .seconds(seconds))
    defer { running.kill() }
    try running.wait { !process.isRunning }
    return Outcome(
      status: process.terminationStatus, output: try folder.read("output"), error: try folder.read("error"))
  }

  /// Whether every one of these programs is installed.
  static func has(_ programs: String...) -> Bool {
    programs.allSatisfy { program in
      ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains {
        FileManager.default.isExecutableFile(atPath: $0 + "/" + program)
      }
    }
  }

  private static func file(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    guard let handle = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
    return handle
  }
}
