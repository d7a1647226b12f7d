import Checkpoints
import Foundation
import Support

/// A file of JSON lines that each belong to a step.
final class LineLog {
  let path: String
  private let wait: DiskWait
  private var file: AppendedFile?

  init(path: String, wait: DiskWait) { (self.path, self.wait) = (path, wait) }

  /// Opens for appending; what an interrupted run logged beyond the step it is resumed from is cut off, because those
  /// steps come again.
  func open(keepingStepsThrough step: Int) throws {
    try wait.retrying(path) {
      _ = try LogFile(path).keep { $0 <= step }
      if !FileManager.default.fileExists(atPath: path) { try AtomicFile.write("", to: path) }
    }
    file = try AppendedFile(path, wait: wait)
  }

  func write(_ line: JSONLine) throws { try file?.write((line.description + "\n").utf8) }

  /// Makes the lines written so far last.
  func synchronize() throws { try file?.synchronize() }

  func close() throws { file = nil }
}
