import Diagnostics
import Support

/// Why the ranks cannot go on, or could not come together.
public enum GroupError: ClassifiedError, Sendable, Equatable {
  /// A rank, a host or the network failed.
  case failure(Verdict)
  /// Ranks submitted different operations at the same place, or hold different weights.
  case disagreement(Verdict)
  /// The ranks did not all find each other; `advice` says what to do.
  case rendezvous(reason: String, advice: String)
  /// The job is not laid out as it should be.
  case layout(reason: String, advice: String)
  /// This process was asked for an operation after it had left the group.
  case left(operation: String)

  package init(_ verdict: Verdict) {
    self = verdict.cause.isDisagreement ? .disagreement(verdict) : .failure(verdict)
  }

  /// What went wrong first, if ranks were together when it did.
  public var verdict: Verdict? {
    switch self {
    case .failure(let verdict), .disagreement(let verdict): verdict
    case .rendezvous, .layout, .left: nil
    }
  }

  public var exitClass: ExitClass {
    switch self {
    case .failure, .rendezvous: .peer
    case .disagreement: .disagreement
    case .layout: .layout
    case .left: .fault
    }
  }

  /// The status with which the process should exit.
  public var exitStatus: Int32 { exitClass.status }
}

extension GroupError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .failure(let verdict), .disagreement(let verdict): verdict.description
    case .rendezvous(let reason, let advice): "the ranks did not find each other: \(reason); \(advice)"
    case .layout(let reason, let advice): "the job is not laid out as it should be: \(reason); \(advice)"
    case .left(let operation): "\(operation) was asked for after this rank had left the group; leave last"
    }
  }
}
