import Foundation
import Recipes
import Runs
import Support
import Training

/// The runs below a folder, found and read again and again while they are written and new ones begin.
package final class RunCollection {
  /// A run of the folder.
  struct Entry {
    /// What an address calls it: a hash of its name, so that no address holds a path.
    let id: String
    /// Its path below the folder.
    let name: String
    let reader: RunReader
    /// Bytes on the disk, as they were a while ago.
    var size = 0
    /// Every value of its recipe, by its path.
    var settings: [String: String] = [:]
    fileprivate var sizeTime = -Double.infinity
    fileprivate var recipeTime = 0.0
  }

  let directory: RunDirectory
  /// In the order in which they began, the oldest first.
  private(set) var runs: [Entry] = []
  /// Older runs that are not followed.
  private(set) var leftOut = 0
  private var searchTime = -Double.infinity

  /// Runs that are followed; each takes up to some megabytes of memory.
  private static let mostRuns = 100
  /// Folders that are looked into, and how deep.
  private static let mostFolders = 2000
  private static let depth = 3
  /// Seconds between looks for new runs, and for sizes of folders.
  private static let searchInterval = 3.0
  private static let sizeInterval = 20.0

  package init(_ directory: RunDirectory) { self.directory = directory }

  /// Whether a folder is that of a run.
  static func isRun(_ path: String) -> Bool {
    ["metrics.jsonl", "history.jsonl", "launch.jsonl"].contains {
      FileManager.default.fileExists(atPath: "\(path)/\($0)")
    }
  }

  /// Looks for runs, and reads what is new of each.
  /// - Parameter now: seconds since 1970.
  package func refresh(now: Double) {
    search(now)
    for index in runs.indices {
      runs[index].reader.refresh()
      refreshFolder(&runs[index], now)
    }
  }

  /// Looks for runs where that was not done lately.
  func search(_ now: Double) {
    guard now - searchTime >= Self.searchInterval || now < searchTime else { return }
    searchTime = now
    let found = names().map { (name: $0, began: began($0)) }.sorted { ($0.began, $0.name) < ($1.began, $1.name) }
    let kept = found.suffix(Self.mostRuns)
    leftOut = found.count - kept.count
    let known = Dictionary(uniqueKeysWithValues: runs.map { ($0.name, $0) })
    runs = kept.map { run in
      let path = "\(directory.path)/\(run.name)"
      let id = String(FNV1a(run.name.utf8).value, radix: 16)
      return known[run.name] ?? Entry(id: id, name: run.name, reader: RunReader(RunDirectory(path: path)))
    }
  }

  subscript(id: String) -> Entry? { runs.first { $0.id == id } }

  /// When a run began, as far as its files tell: the history is made anew with the run.
  private func began(_ name: String) -> Double {
    let path = "\(directory.path)/\(name)"
    return RunFiles.time("\(path)/recipe.yaml") ?? RunFiles.time("\(path)/metrics.jsonl")
      ?? RunFiles.time("\(path)/launch.jsonl") ?? 0
  }

  /// The paths of runs below the folder. A run's own folder is not looked into, and no link is followed.
  private func names() -> [String] {
    var found: [String] = []
    var visited = 0
    func visit(_ name: String, _ depth: Int) {
      guard depth > 0, visited < Self.mostFolders else { return }
      visited += 1
      let path = name.isEmpty ? directory.path : "\(directory.path)/\(name)"
      for child in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() {
        let inner = name.isEmpty ? child : "\(name)/\(child)"
        guard !child.hasPrefix("."), isFolder("\(directory.path)/\(inner)") else { continue }
        if Self.isRun("\(directory.path)/\(inner)") { found.append(inner) } else { visit(inner, depth - 1) }
      }
    }
    visit("", Self.depth)
    return found
  }

  private func isFolder(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }

  private func refreshFolder(_ entry: inout Entry, _ now: Double) {
    let path = entry.reader.directory
    if now - entry.sizeTime >= Self.sizeInterval || now < entry.sizeTime {
      entry.sizeTime = now
      entry.size = FolderSize.bytes(of: path.path)
    }
    let time = RunFiles.time(path.recipe) ?? 0
    guard time != entry.recipeTime else { return }
    entry.recipeTime = time
    entry.settings = (try? Recipe(RecipeDocument(contentsOfFile: path.recipe)))?.values ?? [:]
  }
}
