import Support

/// A model directory or configuration that cannot be used: what is wrong, where, and what to do.
public struct ModelError: ClassifiedError, CustomStringConvertible {
  public let file: String
  public let problem: String
  public let remedy: String

  public init(file: String, problem: String, remedy: String) {
    self.file = file
    self.problem = problem
    self.remedy = remedy
  }

  public var exitClass: ExitClass { .wrongInput }

  /// One line, whatever the file holds.
  public var description: String { String("\(file): \(problem); \(remedy)".map { $0.isNewline ? " " : $0 }) }
}
