import Glibc
import Support

/// Standard output: every command prints its results through it.
///
/// Each text is written at once and whole, without a buffer that could be lost at the end.
package enum StandardOutput {
  /// - Throws: where the text could not be written, such as on a full disk.
  package static func print(
    _ item: some CustomStringConvertible, terminator: String = "\n"
  ) throws(StandardOutputError) {
    let code = StandardStreams.write(item.description + terminator, to: STDOUT_FILENO)
    if code != 0 { throw StandardOutputError(code: code) }
  }
}

/// Results that could not be printed.
package struct StandardOutputError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The `errno` of the write.
  package let code: Int32

  package init(code: Int32) { self.code = code }

  /// Whether the program that reads the pipe has ended, as `head` does: not a failure that anybody wants to read about.
  package var isReaderGone: Bool { code == EPIPE }

  package var exitClass: ExitClass { .disk }

  package var description: String { "standard output: \(String(cString: strerror(code))); \(advice)" }

  private var advice: String {
    switch code {
    case ENOSPC: "free space on its file system or redirect it to another one"
    case EDQUOT: "free some of your quota or redirect it to another file system"
    case EFBIG: "raise the file size limit (ulimit -f) or redirect it to another file"
    case EBADF: "redirect it to a file, or to /dev/null: it is closed"
    case EIO: "check the disk or the terminal that it goes to"
    default: "redirect it to another file"
    }
  }
}
