import Support

/// Predictions or models that cannot be put together: the file, the line, what is wrong and what to do.
public struct EnsembleError: ClassifiedError, Equatable, CustomStringConvertible {
  public let source: String
  /// From 1, as editors count.
  public let line: Int?
  public let problem: String
  public let advice: String

  /// - Parameter index: of the line, from 0; nil where it is not a line's fault.
  package init(_ source: String, _ index: Int?, _ problem: String, _ advice: String) {
    self.source = source
    line = index.map { $0 + 1 }
    self.problem = problem
    self.advice = advice
  }

  public var exitClass: ExitClass { .wrongInput }

  /// One line, whatever the files hold.
  public var description: String {
    String("\(source)\(line.map { ", line \($0)," } ?? "") \(problem); \(advice)".map { $0.isNewline ? " " : $0 })
  }
}

/// A few of many names, for an error.
func named(_ names: [String], most: Int = 3) -> String {
  let shown = names.prefix(most).map(\.debugDescription).joined(separator: ", ")
  return names.count > most ? "\(shown) and \(names.count - most) more" : shown
}
