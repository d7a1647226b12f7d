import Foundation

/// This program, for commands that start it again as a separate process.
enum OwnProgram {
  /// Its file.
  static func path() throws -> String { try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }

  /// Runs a program to its end; it reads nothing, and what it prints goes to a file.
  /// - Returns: its exit status, or 128 and the number of the signal that ended it.
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String], log: String
  ) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = environment
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: log))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = file
    process.standardError = file
    try process.run()
    process.waitUntilExit()
    return (process.terminationReason == .uncaughtSignal ? 128 : 0) + process.terminationStatus
  }
}
