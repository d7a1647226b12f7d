import Glibc
import Support

/// A file operation that the operating system refused: names call and path, and ends with what to do.
public struct StorageError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The operation, as its manual page is called: "write", "fsync", "rename" …
  public let call: String
  /// The file or directory it was for.
  public let path: String
  /// The value of `errno`.
  public let code: Int32

  /// An error of `call` on `path`; by default with the present `errno`.
  public init(_ call: String, _ path: String, code: Int32 = errno) {
    self.call = call
    self.path = path
    self.code = code
  }

  /// Whether the path, or a directory on the way to it, does not exist.
  public var isAbsence: Bool { code == ENOENT }

  /// Whether the file system, or the user's share of it, is full.
  public var isWantOfRoom: Bool { code == ENOSPC || code == EDQUOT }

  /// Whether the path leads to a file or to a symbolic link, where a folder was expected.
  var isNoDirectory: Bool { code == ENOTDIR || code == ELOOP }

  /// Whether the path leads to a folder, where a file was expected; POSIX allows either code.
  var isDirectory: Bool { code == EISDIR || code == EPERM }

  /// Whether the fault is the file's own: missing, unreadable, or not what its name says.
  var isOfTheFile: Bool {
    [ENOENT, EIO, EINVAL, ELOOP, EFBIG, ENOTDIR, EISDIR].contains(code)
  }

  public var exitClass: ExitClass { .disk }

  public var description: String {
    "\(path): \(call) failed: \(String(cString: strerror(code))); \(advice)"
  }

  private var advice: String {
    switch code {
    case ENOENT: "check that the path exists and is spelled right"
    case ENOSPC: "free space on this file system or choose another output directory"
    case EDQUOT: "free some of your quota or choose another output directory"
    case EFBIG: "raise the file size limit (ulimit -f) or choose another output directory"
    case EACCES, EPERM: "check the owner and the permissions of the path"
    case EROFS: "choose an output directory on a file system that can be written"
    case EIO: "check the disk (dmesg names it) and choose another one if it is failing"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    case EEXIST, ENOTEMPTY: "move what lies there away"
    case EINVAL: "check that the path is a regular file on a file system with the usual operations"
    case ELOOP: "remove the symbolic link at this path"
    default: "check the path and the file system it is on"
    }
  }
}
