import Glibc

/// Why a file could not be read.
public struct FileError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file as it was named by the caller.
  public let file: String
  /// What the system said.
  public let reason: String

  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String {
    "\(file): cannot be read (\(reason)); correct the path or make the file readable"
  }
}

/// Reads whole files without Foundation.
package enum FileReader {
  /// The content of a regular file.
  ///
  /// - Throws: `FileError` if the file is missing, is no regular file or cannot be read.
  package static func bytes(of file: String) throws(FileError) -> [UInt8] {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(file: file, reason: lastError()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(file: file, reason: lastError()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(file: file, reason: "not a regular file") }
    var failure: FileError?
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let received = read(descriptor, buffer.baseAddress! + count, size - count)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = FileError(file: file, reason: lastError()) }
        if received <= 0 { break }
        count += received
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Whether a regular file of this name exists.
  package static func exists(_ file: String) -> Bool {
    var status = stat()
    return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}
