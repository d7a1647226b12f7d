/// How a row that is too long loses tokens, under the names of the library `tokenizers`.
public struct Truncation: Sendable, Equatable {
  /// The text that loses tokens.
  public enum Strategy: String, Sendable, CaseIterable {
    case longestFirst = "longest_first"
    case onlyFirst = "only_first"
    case onlySecond = "only_second"
  }

  /// The end at which a text loses tokens.
  public enum Side: String, Sendable, CaseIterable { case left, right }

  public var strategy: Strategy
  public var side: Side

  public init(_ strategy: Strategy = .longestFirst, side: Side = .right) {
    self.strategy = strategy
    self.side = side
  }

  /// How many tokens two texts keep.
  ///
  /// - Parameters:
  ///   - second: nil for a text alone.
  ///   - maximum: tokens of both, without special ones.
  func lengths(_ first: Int, _ second: Int?, maximum: Int) throws(TruncationError) -> (first: Int, second: Int) {
    let excess = first + (second ?? 0) - max(0, maximum)
    guard excess > 0 else { return (first, second ?? 0) }
    switch strategy {
    case _ where maximum <= 0: return (0, 0)
    case .longestFirst:
      guard let second else { return (first - excess, 0) }
      return Self.longestFirst(first, second, maximum: maximum)
    case .onlyFirst:
      guard first > excess else { throw TruncationError(strategy: strategy, tokens: first, excess: excess) }
      return (first - excess, second ?? 0)
    case .onlySecond:
      guard let second, second > excess else {
        throw TruncationError(strategy: strategy, tokens: second, excess: excess)
      }
      return (first, second - excess)
    }
  }

  /// The longer one gives until both are equal or all fit; what is left is halved, and an odd token is the longer
  /// text's, the second's where both are equal.
  private static func longestFirst(_ first: Int, _ second: Int, maximum: Int) -> (first: Int, second: Int) {
    let shorter = min(first, second)
    var (short, long) = (shorter, max(shorter, maximum - shorter))
    if short + long > maximum { (short, long) = (maximum / 2, maximum - maximum / 2) }
    return first > second ? (long, short) : (short, long)
  }
}

/// Why a row cannot be cut to the maximum length: the text that loses tokens has too few of them.
public struct TruncationError: Error, Equatable, CustomStringConvertible, Sendable {
  public let strategy: Truncation.Strategy
  /// Tokens of the text that would lose them; nil where there is no such text.
  public let tokens: Int?
  /// Tokens that are too many.
  public let excess: Int

  public var description: String {
    let text = strategy == .onlyFirst ? "the first text" : "the second text"
    let has =
      tokens.map { "\($0) tokens, of which \(excess) would have to go" }.map { "\(text) has \($0)" }
      ?? "there is no second text"
    return "truncation is \(strategy.rawValue), and \(has); use longest_first, or a greater maximum length"
  }
}
