import Checkpoints
import Foundation

/// What an earlier run left in a folder in which another one begins: models, logs, results.
///
/// Next to the files of the new run they would pass for its own, so they move, under their own names, into a folder
/// `OUTPUT/.aside-NONCE`. What is not a run's stays where it is, and so does `launch.jsonl`, the supervisor's.
struct EarlierRun {
  private let directory: RunDirectory
  private let disk = PosixStorage()

  private static let files = [
    "summary.json", "metrics.jsonl", "ledger.jsonl", "history.jsonl", "recipe.yaml", "trace.json", "out-of-fold.jsonl",
    "report.html", "mlflow.json",
  ]
  private static let folders = ["models", "trace", "verdict"]

  init(_ directory: RunDirectory) { self.directory = directory }

  /// - Throws: `RunDirectoryError` where the new run reads what would be put aside.
  func checkInputs(_ paths: [String]) throws {
    let own = Self.folders.map { RunDirectory.real("\(directory.path)/\($0)") + "/" }
    for path in paths where own.contains(where: { RunDirectory.real(path).hasPrefix($0) }) {
      throw RunDirectoryError(
        path: path,
        problem: "belongs to an earlier run in \(directory.path), which a new run puts aside; give another --output")
    }
  }

  /// Moves all of it, where there is a model or a result.
  /// - Returns: whether there was anything to move.
  func putAside() throws -> Bool {
    guard let names = try? disk.list(directory.path), hasResults(names) else { return false }
    let aside = PutAside.newFolder(in: directory)
    try disk.makeDirectory(aside)
    for name in names where Self.isOwn(name) { try disk.rename("\(directory.path)/\(name)", to: "\(aside)/\(name)") }
    try disk.synchronizeDirectory(directory.path)
    return true
  }

  /// Moves models of these names alone, of a run that is continued.
  /// - Returns: those that were there.
  func putAside(models: [String]) throws -> [String] {
    let found = try models.filter { try disk.exists(directory.model($0)) }
    guard !found.isEmpty else { return [] }
    let aside = PutAside.newFolder(in: directory)
    try disk.makeDirectory(aside)
    try disk.makeDirectory("\(aside)/models")
    for name in found { try disk.rename(directory.model(name), to: "\(aside)/models/\(name)") }
    try disk.synchronizeDirectory(directory.models)
    return found
  }

  private func hasResults(_ names: [String]) -> Bool {
    names.contains { $0 == "summary.json" || $0 == "out-of-fold.jsonl" || Self.isFold($0) }
      || (try? disk.list(directory.models))?.isEmpty == false
  }

  private static func isOwn(_ name: String) -> Bool {
    files.contains(name) || folders.contains(name) || isFold(name) || name.hasPrefix("events.out.tfevents.")
  }

  private static func isFold(_ name: String) -> Bool { RunDirectory(path: name).fold != nil }
}

extension RunDirectory {
  /// Puts aside what an earlier run left; for a folder whose new run consists of several.
  /// - Returns: what the user should know of it.
  public func beginAnew() throws -> String? {
    guard try EarlierRun(self).putAside() else { return nil }
    let bytes = try PutAside.all(in: self).reduce(0) { $0 + $1.bytes }
    return "\(path) held an earlier run: it is put aside, \(PutAside.megabytes(bytes)) by now; remove what lies aside"
      + " with lockstep checkpoint prune \(path)"
  }

  /// Removes what killed processes left of files that they were writing, and models that they had only begun.
  func removeLeftovers(averages: [String]) throws {
    let disk = PosixStorage()
    try AtomicFile.removeLeftovers(in: path)
    // A trace is written aside under one name.
    try FileTree(trace + ".tmp").remove()
    for name in (try? disk.list(models)) ?? [] where Self.isFolder(model(name)) {
      try AtomicFile.removeLeftovers(in: model(name))
      let isOwn = (["last", "best"] + averages).contains(name) || ImprovedModels.Name(name) != nil
      // A model's configuration is written last.
      let isBegun = try !disk.exists(model(name) + "/config.json")
      if isOwn, isBegun { try FileTree(model(name)).remove() }
    }
  }

  /// Whether a path is a folder, and no link to one.
  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
