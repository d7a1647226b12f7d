import ArgumentParser
import Lockstep
import Foundation

struct VerdictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdict",
    abstract: "Say why a run failed: every rank's verdict, where each rank was, and the operation at which they part.")

  @Argument(help: "The output folder of the run.")
  var output: String

  func run() throws {
    try reportingFailure {
      let folder = RunDirectory(path: output).verdicts
      guard FileManager.default.fileExists(atPath: folder) else {
        throw RunDirectoryError(
          path: folder, problem: "is not there; a run writes it when ranks fail or disagree, so look at its own output")
      }
      print(try FlightComparison(folder: folder))
    }
  }
}
