/// The measures of a task, found by their names.
public struct MeasureList: Sendable {
  /// Measures whose names hold a number, such as `top_3_accuracy`.
  public struct Numbered: Sendable {
    /// The name before the number, and other names for it.
    let prefixes: [String]
    let suffix: String
    let numbers: Range<Int>
    let measure: @Sendable (Int) -> Measure

    /// - Parameter numbers: those that have a measure.
    public init(
      prefix: String, aliases: [String] = [], suffix: String = "", numbers: Range<Int>,
      measure: @escaping @Sendable (Int) -> Measure
    ) {
      (prefixes, self.suffix, self.numbers, self.measure) = ([prefix] + aliases, suffix, numbers, measure)
    }

    /// The name with K for the number.
    var pattern: String { prefixes[0] + "K" + suffix }

    func named(_ name: String) -> Measure? {
      let prefix = prefixes.first { name.hasPrefix($0) && name.hasSuffix(suffix) }
      guard let prefix, name.count > prefix.count + suffix.count else { return nil }
      let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
      guard let number = Int(digits), String(number) == digits, numbers.contains(number) else { return nil }
      return measure(number)
    }
  }

  /// Those without a number in their names, in the order in which they are listed.
  public let measures: [Measure]
  public let numbered: [Numbered]

  public init(_ measures: [Measure], numbered: [Numbered] = []) {
    (self.measures, self.numbered) = (measures, numbered)
  }

  /// The measure of this name or alias, or nil.
  public func named(_ name: String) -> Measure? {
    measures.first { $0.name == name } ?? measures.first { $0.aliases.contains(name) }
      ?? numbered.lazy.compactMap { $0.named(name) }.first
  }

  /// Every name without its aliases, K for a number: for a message about a name that is not known.
  public var names: [String] { measures.map(\.name) + numbered.filter { !$0.numbers.isEmpty }.map(\.pattern) }

  /// This list and measures of one's own, which are found first.
  public func adding(_ own: [Measure]) -> MeasureList { MeasureList(own + measures, numbered: numbered) }
}
