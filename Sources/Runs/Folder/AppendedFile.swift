import Checkpoints
import Foundation

/// A file that grows at its end. What a full disk takes only in part is continued, not written twice.
package final class AppendedFile {
  private let path: String
  private let descriptor: Int32
  private let wait: DiskWait

  /// - Parameter anew: whether the file begins empty. A symbolic link in its place is not followed.
  package init(_ path: String, anew: Bool = false, wait: DiskWait) throws {
    (self.path, self.wait) = (path, wait)
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (anew ? O_TRUNC : 0)
    descriptor = try wait.retrying(path) {
      let descriptor = open(path, flags, 0o666)
      guard descriptor >= 0 else { throw StorageError("open", path) }
      return descriptor
    }
  }

  deinit { close(descriptor) }

  /// Appends all of the bytes.
  package func write(_ bytes: some Sequence<UInt8>) throws {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      try wait.retrying(path) {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 || errno == EINTR else { throw StorageError("write", path) }
        rest = rest.dropFirst(max(0, count))
      }
    }
  }

  /// Makes what was written last through a loss of power.
  package func synchronize() throws {
    try wait.retrying(path) {
      guard fsync(descriptor) == 0 || errno == EINTR || errno == EINVAL else { throw StorageError("fsync", path) }
    }
  }
}
