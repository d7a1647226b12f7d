import Diagnostics
import Foundation
import Transport

/// Starts the probe under mpirun, as a user would start a run.
struct Launch {
  var ranks: Int
  var scenario: String
  var operations = 5
  var fault: String?
  var environment: [String: String] = [:]

  struct Result {
    /// mpirun's own exit status.
    var status: Int32
    var output: String
    var seconds: Double
    /// What each rank wrote to its verdict file, by rank.
    var verdicts: [Int: Verdict]
    /// The process ids that were left running.
    var orphans: [String]
  }

  /// Whether this machine has an mpirun.
  static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun")

  /// The folder of built products, where the tests themselves run from.
  static let products = URL(
    fileURLWithPath: CommandLine.arguments.first { $0.contains(".build/") }
      ?? (try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
  ).deletingLastPathComponent()

  /// - Parameter whileRunning: called with mpirun and what tells the output so far.
  func run(whileRunning: (Process, () -> String) -> Void = { _, _ in }) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = folder.appendingPathComponent("output")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    let handle = try FileHandle(forWritingTo: output)
    let verdictFolder = folder.appendingPathComponent("verdict").path

    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/mpirun")
    process.arguments = [
      "-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", "--timeout", "60",
      Self.products.appendingPathComponent("lockstep-collectives-probe").path, scenario, verdictFolder, "\(operations)",
    ]
    var variables = ProcessInfo.processInfo.environment
    variables["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    variables["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    variables["LOCKSTEP_FAULT"] = fault
    variables.merge(environment) { $1 }
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    let start = System.now
    try process.run()
    whileRunning(process) { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    process.waitUntilExit()
    let seconds = Double(System.now - start) / 1e9

    var verdicts: [Int: Verdict] = [:]
    for rank in 0..<ranks {
      guard let data = FileManager.default.contents(atPath: verdictFolder + "/rank-\(rank).json") else { continue }
      verdicts[rank] = try JSONDecoder().decode(Verdict.self, from: data)
    }
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8), seconds: seconds,
      verdicts: verdicts, orphans: Self.processes(mentioning: verdictFolder))
  }

  /// Processes whose command line mentions a text, after a moment for the kernel to end them.
  private static func processes(mentioning text: String) -> [String] {
    for attempt in 0..<20 {
      let found = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { entry in
        guard Int(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
          return false
        }
        return String(decoding: line, as: UTF8.self).contains(text)
      }
      if found.isEmpty || attempt == 19 { return found }
      Thread.sleep(forTimeInterval: 0.1)
    }
    return []
  }
}
