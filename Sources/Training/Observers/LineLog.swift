import Checkpoints
import Foundation

/// A file of JSON lines that each belong to a step.
final class LineLog {
  let path: String
  private var file: FileHandle?

  init(path: String) { self.path = path }

  /// Opens for appending; what an interrupted run logged beyond the step it is resumed from is cut off, because those
  /// steps come again.
  func open(keepingStepsThrough step: Int) throws {
    _ = try LogFile(path).keep { $0 <= step }
    if !FileManager.default.fileExists(atPath: path) { try AtomicFile.write("", to: path) }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw RunDirectoryError(path: path, problem: "cannot be opened for writing; check the folder's permissions")
    }
    file = handle
    try handle.seekToEnd()
  }

  func write(_ line: JSONLine) throws { try file?.write(contentsOf: Data((line.description + "\n").utf8)) }

  /// Makes the lines written so far last.
  func synchronize() throws { try file?.synchronize() }

  func close() throws { try file?.close() }
}
