import Support

/// A checkpoint that cannot be written, or must not be loaded: names it, and ends with what to do.
public struct CheckpointError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The path of the checkpoint.
  public let checkpoint: String
  /// What is wrong.
  public let problem: String
  /// What the user should do about it.
  public let advice: String

  /// Advice for a checkpoint whose bytes are not those that were committed.
  package static let damaged = "resume from an older checkpoint, or copy this one again"

  package init(_ checkpoint: String, _ problem: String, advice: String = Self.damaged) {
    self.checkpoint = checkpoint
    self.problem = problem
    self.advice = advice
  }

  public var exitClass: ExitClass { .disk }

  public var description: String { "\(checkpoint): \(problem); \(advice)" }
}
