import ArgumentParser
import Console
import Support

/// The line on standard error that says why a command failed.
func complain(_ reason: String) {
  TerminalLine.shared.print(Emphasis.error.alarming("lockstep:") + " " + reason)
}

/// An error that was printed already.
struct ReportedError: ClassifiedError {
  let error: any Error

  init(_ error: any Error) { self.error = error }

  var exitClass: ExitClass { ExitClass(of: error) }
}

/// Runs the body of a command: an error is one line on standard error and the exit status that belongs to it.
///
/// Where nobody reads the results any more, as after `| head -1`, nobody wants to read about it either: that error is passed on.
/// - Parameter note: given the status and the line before the command ends with them.
func reportingFailure(_ body: () throws -> Void, noting note: (Int32, String) -> Void = { _, _ in }) throws {
  do {
    try body()
  } catch let error as ExitCode {
    note(error.rawValue, "a rank ended with status \(error.rawValue), for the reason printed above")
    throw error
  } catch let reported as ReportedError {
    let status = ExitClass(of: reported.error).status
    note(status, "\(reported.error)")
    throw ExitCode(status)
  } catch let error as StandardOutputError where error.isReaderGone {
    throw error
  } catch {
    note(ExitClass(of: error).status, "\(error)")
    complain("\(error)")
    throw ExitCode(ExitClass(of: error).status)
  }
}
