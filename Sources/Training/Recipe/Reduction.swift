extension Recipe {
  /// Recipe key `reduction`: how the results of the ranks become one. A word, or a mapping with the word as its `kind`.
  public struct Reduction: Sendable, Hashable {
    /// In which order, and by whom, the terms of a sum are added.
    public enum Kind: String, Sendable, CaseIterable { case ring, ordered }

    public var kind: Kind

    public init(_ kind: Kind) { self.kind = kind }

    public static let ring = Reduction(.ring)
    public static let ordered = Reduction(.ordered)

    init(_ recipe: Section) throws {
      guard recipe.isMapping("reduction"), let section = try recipe.section("reduction") else {
        self.init(try recipe.choice("reduction", default: .ring))
        return
      }
      self.init(try section.choice("kind", default: .ring))
      try section.finish()
    }
  }
}

extension Recipe.Reduction: CustomStringConvertible {
  /// As a recipe says it, what is usual left out: runs with the same description reduce alike.
  public var description: String { kind.rawValue }
}
