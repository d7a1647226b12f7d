import Collectives
import Glibc
import Transport

/// The bytes with which ranks prove to each other that they belong to one job.
package enum JobSecret {
  private static let lengths = 16...4096

  /// Reads `LOCKSTEP_SECRET_FILE`; refuses a file that is not a secret.
  package static func read(_ path: String) throws(GroupError) -> [UInt8] {
    func refuse(_ reason: String) -> GroupError {
      .layout(
        reason: "the secret file \(path) \(reason)",
        advice: "give a regular file of this user with mode 0600 and \(lengths.lowerBound) or more random bytes")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw refuse("cannot be opened (\(System.words(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw refuse("cannot be examined (\(System.words(errno)))") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw refuse("is not a regular file") }
    guard status.st_uid == geteuid() else { throw refuse("belongs to another user (\(status.st_uid))") }
    guard status.st_mode & 0o077 == 0 else {
      throw refuse("may be used by other users (mode \(String(status.st_mode & 0o777, radix: 8)))")
    }
    var bytes = [UInt8](repeating: 0, count: lengths.upperBound + 1)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw refuse("cannot be read (\(System.words(errno)))") }
    guard lengths ~= count else {
      throw refuse("holds \(count) bytes, not \(lengths.lowerBound) to \(lengths.upperBound)")
    }
    return Array(bytes[..<count])
  }
}
