import Foundation
import Glibc

/// The disk that a run's folder lies on, or will.
package struct DiskFacts: Codable, Equatable, Sendable {
  /// The folder, or where it is not there yet the nearest one above it.
  package var folder: String
  /// Bytes that this user may still write.
  package var free: Int
  package var isWritable: Bool
  /// Whether its content is gone when the machine is switched off.
  package var isInMemory: Bool

  /// Looks at the disk under a folder.
  init(under path: String) {
    folder = Self.nearest(path)
    var status = statvfs()
    free = statvfs(folder, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    isWritable = access(folder, W_OK) == 0
    isInMemory = ["tmpfs", "ramfs"].contains(Self.fileSystem(of: folder))
  }

  init(folder: String, free: Int, isWritable: Bool, isInMemory: Bool) {
    (self.folder, self.free, self.isWritable, self.isInMemory) = (folder, free, isWritable, isInMemory)
  }

  /// The kind of file system that a folder lies on, by the mount point nearest above it.
  private static func fileSystem(of folder: String) -> String? {
    let mounts = ((try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? "").split(separator: "\n")
    let above = mounts.compactMap { line -> (point: String, kind: String)? in
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 4, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { return nil }
      let point = words[4]
      let isAbove = point == "/" || folder == point || folder.hasPrefix(point + "/")
      return isAbove ? (point, words[dash + 1]) : nil
    }
    return above.last { mount in !above.contains { $0.point.count > mount.point.count } }?.kind
  }

  private static func nearest(_ path: String) -> String {
    var url = URL(filePath: path).standardizedFileURL
    while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
    return url.path
  }
}
