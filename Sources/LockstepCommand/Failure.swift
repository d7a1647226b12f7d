import ArgumentParser
import Checkpoints
import Collectives
import Console
import Dashboard
import Data
import Launching
import Models
import Optimizers
import Support
import Techniques
import Text
import Training

/// The exit statuses that launchers and supervisors rely on.
enum ExitStatus {
  static let wrongInput: Int32 = 2
  static let fault: Int32 = 70
  static let checkpoint: Int32 = 74
  static let failure: Int32 = 75
  static let disagreement: Int32 = 76
  static let layout: Int32 = 78
  static let stopped: Int32 = 85

  static func of(_ error: any Error) -> Int32 {
    switch error {
    case let error as GroupError: error.exitStatus
    case TrainingError.stopped: stopped
    case TrainingError.notFinite(_, _, .nothing): failure
    case LedgerError.noStep: wrongInput
    case is LedgerError, VerifyResumeError.differs: disagreement
    case is LaunchError, is DashboardError, is FolderLockError: layout
    case is RecipeError, is ModelError, is SafetensorsError, is VocabularyError, is FileError, is TableError,
      is TokenDatasetError, is ImageError, is BatchPlanError, is TrainingError, is RunDirectoryError, is EnsembleError:
      wrongInput
    case is StorageError, is CheckpointError, is OptimizerStateError, is GradientScalerStateError,
      is StandardOutputError:
      checkpoint
    default: fault
    }
  }
}

/// The line on standard error that says why a command failed.
func complain(_ reason: String) {
  TerminalLine.shared.print(Emphasis.error.alarming("lockstep:") + " " + reason)
}

/// Runs the body of a command: an error is one line on standard error and the exit status that belongs to it.
///
/// Where nobody reads the results any more, as after `| head -1`, nobody wants to read about it either: that error is passed on.
/// - Parameter note: told the status and the line before the command ends with them.
func reportingFailure(_ body: () throws -> Void, noting note: (Int32, String) -> Void = { _, _ in }) throws {
  do {
    try body()
  } catch let error as ExitCode {
    note(error.rawValue, "a rank ended with status \(error.rawValue), for the reason printed above")
    throw error
  } catch let error as StandardOutputError where error.isReaderGone {
    throw error
  } catch {
    note(ExitStatus.of(error), "\(error)")
    complain("\(error)")
    throw ExitCode(ExitStatus.of(error))
  }
}
