import ArgumentParser
import Console
import Foundation
import Launching
import Lockstep

struct VerdictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdict",
    abstract:
      "Say why a run failed: the starts of its launch, every rank's verdict, where each rank was, and where they part.",
    discussion: """
        lockstep verdict output/quickstart
        lockstep verdict output/quickstart --json
      """)

  @Argument(help: "The output folder of the run.", completion: .directory)
  var output: String

  @Flag(
    help: """
      One JSON object: verdicts (by rank), records (what each rank was doing), parting (an operation's number), attempts (the \
      lines of launch.jsonl), unreadable (files).
      """)
  var json = false

  func run() throws {
    try reportingFailure {
      let folder = RunDirectory(path: output).verdicts
      let attempts = LaunchAttempts(output: output)
      var isFolder: ObjCBool = false
      let hasVerdicts = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
      if hasVerdicts, !isFolder.boolValue {
        throw RunDirectoryError(path: folder, problem: "is a file, not a folder of verdicts; remove it")
      }
      guard hasVerdicts || !attempts.isEmpty else {
        throw RunDirectoryError(
          path: folder, problem: "is not there; a run writes it when ranks fail or disagree, so look at its own output")
      }
      let comparison =
        hasVerdicts ? try FlightComparison(folder: folder) : FlightComparison(records: [], verdicts: [:])
      if json {
        try StandardOutput.print(Report(comparison: comparison, attempts: attempts).json)
      } else {
        let none = hasVerdicts ? [] : ["no rank of the last start left a verdict"]
        let parts = [attempts.isEmpty ? "" : attempts.description, comparison.isEmpty ? "" : comparison.description]
        try StandardOutput.print((parts.filter { !$0.isEmpty } + none).joined(separator: "\n"))
      }
    }
  }

  /// All of it as one object.
  private struct Report: Encodable {
    let comparison: FlightComparison
    let attempts: LaunchAttempts

    private enum Key: String, CodingKey { case attempts }

    func encode(to encoder: any Encoder) throws {
      try comparison.encode(to: encoder)
      guard !attempts.isEmpty else { return }
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(attempts, forKey: .attempts)
    }

    var json: String {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
      }
    }
  }
}
