import Checkpoints
import Foundation

/// The files of a run's metrics: a line a value, with milliseconds, value and step.
package struct MLflowMetrics {
  let folder: String

  package init(folder: String) { self.folder = folder }

  /// Drops the values of later steps and lines that cannot be read.
  package func keep(through step: Int) throws {
    for name in FileManager.default.subpaths(atPath: folder) ?? [] {
      let path = "\(folder)/\(name)"
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
        let text = FileManager.default.contents(atPath: path)
      else { continue }
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
      let kept = lines.filter { line in
        let words = line.split(separator: " ")
        guard words.count == 3, let lineStep = Int(words[2]), Double(words[1]) != nil else { return false }
        return lineStep <= step
      }
      try AtomicFile.write(kept.map { $0 + "\n" }.joined(), to: path)
    }
  }
}
