import Glibc

/// Why a file could not be read.
public struct FileError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// The file as it was named by the caller.
  public let file: String
  /// What the system said, or what the path names instead of a file.
  public let reason: String

  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    "\(file): cannot be read (\(reason)); correct the path or make the file readable"
  }
}

/// Reads regular files, and nothing else: a folder, pipe or device is an error at once, and is never waited for.
package enum FileReader {
  /// The content of a regular file.
  ///
  /// - Parameter limit: the most bytes that are taken; a larger file is an error.
  /// - Throws: `FileError` if the file is missing, is not a regular file, is too large or cannot be read.
  package static func bytes(of file: String, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
    let (descriptor, size) = try open(file)
    defer { close(descriptor) }
    guard size <= limit else { throw FileError(file: file, reason: "\(size) bytes, more than \(limit)") }
    return try read(descriptor, size, file)
  }

  /// The content of a regular file, or nil where there is none that can be read.
  package static func contents(_ file: String, atMost limit: Int = .max) -> [UInt8]? {
    try? bytes(of: file, atMost: limit)
  }

  /// The first bytes of a regular file, at most `count`.
  package static func beginning(of file: String, _ count: Int) throws(FileError) -> [UInt8] {
    let (descriptor, size) = try open(file)
    defer { close(descriptor) }
    return try read(descriptor, min(size, count), file)
  }

  /// Whether a regular file of this name exists.
  package static func exists(_ file: String) -> Bool {
    var status = stat()
    return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Why a path that exists is not a regular file; nil where it is one, and where nothing is there.
  package static func refusal(_ file: String) -> FileError? {
    var status = stat()
    guard stat(file, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return nil }
    return FileError(file: file, reason: "\(kind(status.st_mode)), not a regular file")
  }

  /// Opens a regular file for reading; the caller closes it.
  package static func open(_ file: String) throws(FileError) -> (descriptor: Int32, size: Int) {
    // A pipe without a writer would block the open for ever without O_NONBLOCK; it means nothing to a regular file.
    let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw FileError(file: file, reason: lastError()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = lastError()
      close(descriptor)
      throw FileError(file: file, reason: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(file: file, reason: "\(kind(status.st_mode)), not a regular file")
    }
    return (descriptor, Int(status.st_size))
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }

  private static func read(_ descriptor: Int32, _ size: Int, _ file: String) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let received = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = FileError(file: file, reason: lastError()) }
        if received <= 0 { break }
        count += received
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}
