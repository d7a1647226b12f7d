import ArgumentParser
import Console
import Foundation
import Support

/// Where the program begins, and where it ends: with a status that launchers and scripts rely on.
@main
enum Entry {
  static func main() {
    StandardStreams.prepare()
    do {
      var command = try LockstepCommand.parseAsRoot()
      try (command as? LaunchCommand)?.checkCommand(grammar: LockstepCommand.grammar)
      try Work.$bar.withValue(WorkBar.automatic) { try command.run() }
    } catch let error as StandardOutputError where error.isReaderGone {
      StandardStreams.endByBrokenPipe()
    } catch {
      end(with: error)
    }
  }

  /// Help, a version and a script for completion are results; all else is a wrong command line, or was complained about already.
  private static func end(with error: any Error) -> Never {
    let status = LockstepCommand.exitCode(for: error)
    guard status == .success else {
      if !(error is ExitCode) { complain(reason(error)) }
      exit(status.rawValue)
    }
    if let wrong = advice?.unknownHelpWord {
      complain(wrong)
      exit(ExitCode.validationFailure.rawValue)
    }
    do throws(StandardOutputError) {
      try StandardOutput.print(LockstepCommand.fullMessage(for: error))
    } catch {
      if error.isReaderGone { StandardStreams.endByBrokenPipe() }
      complain("\(error)")
      exit(ExitClass.disk.status)
    }
    exit(0)
  }

  private static func reason(_ error: any Error) -> String {
    let message = LockstepCommand.message(for: error)
    return advice?.text(insteadOf: message) ?? message
  }

  private static var advice: CommandLineAdvice? {
    LockstepCommand.grammar.map { CommandLineAdvice(Array(CommandLine.arguments.dropFirst()), grammar: $0) }
  }
}
