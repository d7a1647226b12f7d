import Checkpoints
import Foundation
import Support

/// A folder of a run that cannot be used as asked.
public struct RunDirectoryError: ClassifiedError, CustomStringConvertible {
  public let path: String
  public let problem: String

  public init(path: String, problem: String) {
    self.path = path
    self.problem = problem
  }

  public var exitClass: ExitClass { .wrongInput }

  public var description: String { "\(path): \(problem)" }
}

/// The folder of a run, as the contract lays it out.
public struct RunDirectory: Sendable {
  public let path: String
  /// How long what is written into it waits for room.
  public var diskWait = DiskWait.usual

  public init(path: String) { self.path = path }

  public var metrics: String { path + "/metrics.jsonl" }
  public var checkpoints: String { path + "/checkpoints" }
  /// Starts, checkpoints, warnings, with the time of each.
  public var history: String { path + "/history.jsonl" }
  public var ledger: String { path + "/ledger.jsonl" }
  /// The recipe as it was followed, `--set` included.
  public var recipe: String { path + "/recipe.yaml" }
  public var summary: String { path + "/summary.json" }
  public var verdicts: String { path + "/verdict" }
  /// The timeline of all ranks; where a run failed, each rank's part of it.
  public var trace: String { path + "/trace.json" }
  public var traceParts: String { path + "/trace" }
  func tracePart(of rank: Int) -> String { traceParts + "/rank-\(rank).json" }

  /// The folder of the model that is trained without one fold of several.
  public func fold(_ index: Int, of count: Int) -> RunDirectory {
    var fold = RunDirectory(path: path + "/fold-\(index)-of-\(count)")
    fold.diskWait = diskWait
    return fold
  }

  /// Which fold the run left out, if this is a folder that `fold` gave.
  public var fold: (index: Int, count: Int)? {
    let words = path.split(separator: "/").last?.split(separator: "-") ?? []
    guard words.count == 4, words[0] == "fold", words[2] == "of", let index = Int(words[1]), let count = Int(words[3])
    else { return nil }
    return (index, count)
  }

  public var models: String { path + "/models" }
  public func model(_ name: String) -> String { models + "/" + name }

  /// Whether two paths lead to the same folder.
  func isSame(as other: RunDirectory) -> Bool { Self.real(path) == Self.real(other.path) }

  /// A path without symbolic links; the path itself where it leads nowhere.
  static func real(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Whether the results of a run of so many steps are all there.
  func isComplete(after steps: Int) -> Bool {
    struct Summary: Decodable { var steps: Int }
    let found = FileReader.contents(summary).flatMap { try? Summary.decode(json: $0) }
    return found?.steps == steps
      && ["last", "best"].allSatisfy { FileManager.default.fileExists(atPath: model($0) + "/config.json") }
  }

  /// What the system says of making a folder, in brackets.
  private static func reason(_ path: String) -> String {
    do throws(StorageError) {
      try PosixStorage().makeDirectories(path)
      return ""
    } catch {
      return " (\(String(cString: strerror(error.code))))"
    }
  }

  /// Makes the folder; one that exists is used as it is.
  public func create() throws {
    guard !path.isEmpty else { throw RunDirectoryError(path: "--output", problem: "is empty; name a folder") }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw RunDirectoryError(path: path, problem: "is a file; give another --output")
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunDirectoryError(path: path, problem: "cannot be made\(Self.reason(path)); give another --output")
    }
    try refusePlantedLinks()
  }
}
