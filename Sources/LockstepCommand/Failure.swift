import ArgumentParser
import Checkpoints
import Collectives
import Data
import Models
import Optimizers
import Techniques
import Text
import Training

/// The exit statuses that launchers and supervisors rely on.
enum ExitStatus {
  static let wrongInput: Int32 = 2
  static let fault: Int32 = 70
  static let checkpoint: Int32 = 74
  static let stopped: Int32 = 85

  static func of(_ error: any Error) -> Int32 {
    switch error {
    case let error as GroupError: error.exitStatus
    case TrainingError.stopped: stopped
    case is RecipeError, is ModelError, is SafetensorsError, is VocabularyError, is FileError, is TableError,
      is TokenDatasetError, is ImageError, is BatchPlanError, is TrainingError, is RunDirectoryError, is EnsembleError:
      wrongInput
    case is StorageError, is CheckpointError, is OptimizerStateError, is GradientScalerStateError: checkpoint
    default: fault
    }
  }
}

/// Runs the body of a command: an error is one line on standard error and the exit status that belongs to it.
func reportingFailure(rank: Int? = nil, _ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as ExitCode {
    throw error
  } catch {
    var standardError = StandardError()
    let place = rank.map { "rank \($0): " } ?? ""
    print("lockstep: \(place)\(error)", to: &standardError)
    throw ExitCode(ExitStatus.of(error))
  }
}
