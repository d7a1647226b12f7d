/// Recipe section `verify`: how a run watches itself.
public struct VerifyRecipe {
  /// Steps between comparisons of what the ranks hold; 0 for none.
  public var replicas: Int

  init(_ section: Section) throws {
    replicas = try section.integer("replicas", default: Self.usualInterval, atLeast: 0)
    try section.finish()
  }

  package static let usualInterval = 50
}
