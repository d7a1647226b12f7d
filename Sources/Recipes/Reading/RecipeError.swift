import Support

/// A recipe that cannot be followed: which file, which key, what is wrong and what to do. Exit status 2.
public struct RecipeError: ClassifiedError, CustomStringConvertible {
  public let source: String
  public let key: String
  public let problem: String

  public init(source: String, key: String, problem: String) {
    self.source = source
    self.key = key
    self.problem = problem
  }

  public var exitClass: ExitClass { .wrongInput }

  /// One line, whatever the recipe holds.
  public var description: String {
    String((key.isEmpty ? "\(source): \(problem)" : "\(source): \(key) \(problem)").map { $0.isNewline ? " " : $0 })
  }
}
