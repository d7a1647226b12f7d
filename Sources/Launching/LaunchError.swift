import Support

/// Why a launch cannot begin: one line that names the place and ends with what to do.
public struct LaunchError: ClassifiedError, Equatable, CustomStringConvertible {
  /// What is wrong, and where.
  public let problem: String
  /// What the user should do about it.
  public let advice: String

  public init(_ problem: String, advice: String) {
    self.problem = problem
    self.advice = advice
  }

  public var exitClass: ExitClass { .layout }

  public var description: String { "\(problem); \(advice)" }
}
