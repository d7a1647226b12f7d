import Glibc

/// Standard error: progress, warnings and complaints.
///
/// Text that cannot be shown, because the log's disk is full or its reader is gone, is dropped: a run is worth more than
/// its log.
package enum StandardError {
  /// Writes a line, or with another terminator any text, in one call.
  package static func print(_ text: String, terminator: String = "\n") {
    _ = StandardStreams.write(text + terminator, to: STDERR_FILENO)
  }
}
