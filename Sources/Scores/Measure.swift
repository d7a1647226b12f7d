/// A score by the name that recipes, metrics.jsonl and the command line give it, computed once from all rows.
///
/// Rows of all ranks are gathered first, so a value does not depend on the number of ranks.
public struct Measure: Sendable {
  public let name: String
  /// Other names that find it, such as the name of scikit-learn's function.
  public let aliases: [String]
  public let isLargerBetter: Bool
  /// Whether its value is of one class alone, so that it means nothing without that class.
  public let isOfPositiveClass: Bool
  /// The value for these rows; NaN where it is undefined.
  public let value: @Sendable (ScoredRows) -> Double

  public init(
    name: String, aliases: [String] = [], isLargerBetter: Bool, isOfPositiveClass: Bool = false,
    value: @escaping @Sendable (ScoredRows) -> Double
  ) {
    self.name = name
    self.aliases = aliases
    self.isLargerBetter = isLargerBetter
    self.isOfPositiveClass = isOfPositiveClass
    self.value = value
  }

  /// A measure that is undefined without rows, and where an output is not finite.
  static func ofUsableRows(
    _ name: String, aliases: [String] = [], isLargerBetter: Bool = true, isOfPositiveClass: Bool = false,
    value: @escaping @Sendable (ScoredRows) -> Double
  ) -> Measure {
    Measure(name: name, aliases: aliases, isLargerBetter: isLargerBetter, isOfPositiveClass: isOfPositiveClass) {
      $0.isUsable ? value($0) : .nan
    }
  }
}
