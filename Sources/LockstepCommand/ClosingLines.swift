import Console

/// What a finished run says on standard output.
///
/// The run is complete whether or not anybody reads it, so a line that could not be printed is an error only after all ranks have parted.
final class ClosingLines {
  private var failure: StandardOutputError?

  func print(_ line: String) {
    do throws(StandardOutputError) { try StandardOutput.print(line) } catch { failure = failure ?? error }
  }

  /// - Throws: the first error, unless the reader of the lines had gone: the models are in the output folder all the same.
  func check() throws(StandardOutputError) {
    if let failure, !failure.isReaderGone { throw failure }
  }
}
