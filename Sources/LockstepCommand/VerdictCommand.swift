import ArgumentParser
import Console
import Foundation
import Lockstep

struct VerdictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdict",
    abstract: "Say why a run failed: every rank's verdict, where each rank was, and the operation at which they part.",
    discussion: """
        lockstep verdict output/quickstart
        lockstep verdict output/quickstart --json
      """)

  @Argument(help: "The output folder of the run.", completion: .directory)
  var output: String

  @Flag(
    help: "One JSON object: verdicts (by rank), records (what each rank was doing), parting (an operation's number).")
  var json = false

  func run() throws {
    try reportingFailure {
      let folder = RunDirectory(path: output).verdicts
      guard FileManager.default.fileExists(atPath: folder) else {
        throw RunDirectoryError(
          path: folder, problem: "is not there; a run writes it when ranks fail or disagree, so look at its own output")
      }
      let comparison = try FlightComparison(folder: folder)
      try StandardOutput.print(json ? try comparison.json : comparison.description)
    }
  }
}
