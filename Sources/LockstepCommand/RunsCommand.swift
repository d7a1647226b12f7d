import ArgumentParser
import Console
import Dashboard
import Foundation
import Lockstep

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List the runs below a folder, and remove what none of them needs.",
    discussion: """
        lockstep runs output
        lockstep runs output --json
        lockstep runs output --prune

      A line a run: name, state, steps, the best figure, the size of its folder, and the values of its recipe that are not the \
      same in all runs. --prune removes checkpoints and models that were put aside, after a question; models and checkpoints of \
      the runs themselves stay.
      """)

  @Argument(help: "A folder that holds output folders of runs.", completion: .directory)
  var directory: String

  @Flag(help: "Print a JSON line for each run: name, state, step, total_steps, best, settings, bytes, aside_bytes.")
  var json = false

  @Flag(help: "Remove what was put aside in the runs' folders; asks first.")
  var prune = false

  @Flag(help: "With --prune: do not ask.")
  var yes = false

  func validate() throws {
    if yes, !prune { throw ValidationError("--yes answers the question of --prune; add --prune") }
  }

  func run() throws {
    try reportingFailure {
      guard FileManager.default.fileExists(atPath: directory) else {
        throw RunDirectoryError(path: directory, problem: "is not there; give a folder that holds runs")
      }
      let list = RunList(RunDirectory(path: directory), now: Date.now.timeIntervalSince1970)
      guard !list.lines.isEmpty else {
        throw RunDirectoryError(path: directory, problem: "holds no run; give the folder above the output folders")
      }
      for line in list.lines { try StandardOutput.print(json ? line.json.description : line.text) }
      if list.leftOut > 0, !json { try StandardOutput.print("\(list.leftOut) older runs are not listed") }
      if prune { try remove(list) }
    }
  }

  private func remove(_ list: RunList) throws {
    let bytes = list.lines.reduce(0) { $0 + $1.asideBytes }
    guard bytes > 0 else { return StandardError.print("nothing lies aside") }
    for line in list.lines where !line.aside.isEmpty { try FolderLock.check(directory + "/" + line.name, as: .train) }
    guard yes || isAgreed(to: PutAside.megabytes(bytes)) else { return StandardError.print("nothing was removed") }
    for item in list.lines.flatMap(\.aside) { try item.remove() }
    StandardError.print("\(PutAside.megabytes(bytes)) removed")
  }

  private func isAgreed(to size: String) -> Bool {
    StandardError.print("Remove what was put aside, \(size)? Models and checkpoints of the runs stay. [y/N]")
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }
}
