import Console
import Support

/// Why a run cannot go on, apart from the ranks' and the disk's own errors.
public enum TrainingError: ClassifiedError, CustomStringConvertible {
  /// The gradient holds infinities or NaN, and no scaler is there that could help.
  case notFinite(step: Int, norm: Double, origin: NotFiniteOrigin)
  /// The loss scale fell to its floor: fp16 overflows whatever the scale.
  case alwaysOverflows(step: Int, scale: Double)
  /// Stopped on request; the checkpoint of this step is committed.
  case stopped(step: Int)
  /// A folder to resume from that has nothing to resume.
  case noCheckpoint(path: String)
  /// The checkpoint belongs to another recipe.
  case foreignCheckpoint(path: String, difference: String)
  /// The run reads other rows, another vocabulary or other weights than the one that wrote the checkpoint.
  case otherInputs(path: String, names: [String])
  /// A checkpoint whose files contradict each other, or say what no run can have written.
  case impossibleCheckpoint(path: String, problem: String)

  /// Whether a checkpoint cannot be resumed from, which all ranks find out together.
  package var isOfTheCheckpoint: Bool {
    switch self {
    case .noCheckpoint, .foreignCheckpoint, .otherInputs, .impossibleCheckpoint: true
    case .notFinite, .alwaysOverflows, .stopped: false
    }
  }

  public var exitClass: ExitClass {
    switch self {
    case .stopped: .stopped
    case .notFinite(_, _, .nothing): .peer
    case .notFinite, .alwaysOverflows, .noCheckpoint, .foreignCheckpoint, .otherInputs, .impossibleCheckpoint:
      .wrongInput
    }
  }

  public var description: String {
    switch self {
    case .notFinite(let step, let norm, let origin):
      "step \(step): the gradient's norm is \(norm.text(digits: 6)): \(origin)"
    case .alwaysOverflows(let step, let scale):
      "step \(step): fp16 overflows even with loss scale \(scale); use precision: bf16 or fp32"
    case .stopped(let step): "stopped on request after step \(step); continue with --resume auto"
    case .noCheckpoint(let path): "\(path): holds no valid checkpoint; give the output folder of a run that saved one"
    case .foreignCheckpoint(let path, let difference):
      "\(path): does not fit the recipe (\(difference)); use the recipe it was made with, or another --output"
    case .impossibleCheckpoint(let path, let problem):
      "\(path): \(problem); remove this checkpoint and resume from an older one, or begin anew with another --output"
    case .otherInputs(let path, let names):
      "\(path): the run began with other inputs (\(names.joined(separator: ", ")) changed since); put back what it"
        + " began with, or begin anew with another --output"
    }
  }
}
