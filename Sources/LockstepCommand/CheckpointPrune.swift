import ArgumentParser
import Console
import Foundation
import Lockstep

extension CheckpointCommand {
  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove what was put aside: checkpoints and models of earlier runs, and damaged checkpoints.",
      discussion: """
          lockstep checkpoint prune output/quickstart --dry-run
          lockstep checkpoint prune output/quickstart

        Checkpoints and models of the run itself stay.
        """)
    @OptionGroup var place: Place

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "A JSON line for each thing: name, kind (checkpoint, damaged or run), step, bytes, removed.")
    var json = false

    func run() throws {
      try reportingFailure {
        let directory = RunDirectory(path: place.directory)
        guard FileManager.default.fileExists(atPath: directory.path) else {
          throw RunDirectoryError(path: directory.path, problem: "is not there; give the output folder of a run")
        }
        if !dryRun { try FolderLock.check(directory.path, as: .train) }
        let aside = try PutAside.all(in: directory)
        for item in aside {
          if !dryRun { try item.remove() }
          let line = "\(item.line)  \(dryRun ? "would be removed" : "removed")"
          try StandardOutput.print(json ? item.json([("removed", .boolean(!dryRun))]).description : line)
        }
        guard !json else { return }
        let bytes = PutAside.megabytes(aside.reduce(0) { $0 + $1.bytes })
        try StandardOutput.print(
          aside.isEmpty ? "nothing lies aside" : "\(bytes) \(dryRun ? "would be removed" : "removed")")
      }
    }
  }
}

extension PutAside {
  /// Name, step and size, for people.
  var line: String {
    let what =
      switch kind {
      case .checkpoint: "checkpoint of step \(step ?? 0)"
      case .damaged: "damaged checkpoint of step \(step ?? 0)"
      case .run: "models and logs of an earlier run"
      }
    return "\(name)  \(what)  \(Self.megabytes(bytes))"
  }

  /// The same for programs.
  func json(_ more: [(String, JSONLine)]) -> JSONLine {
    .object(
      [
        ("name", .string(name)), ("aside", .boolean(true)), ("kind", .string(kind.rawValue)),
        ("step", step.map(JSONLine.integer) ?? .null), ("bytes", .integer(bytes)),
      ] + more)
  }
}
