/// Recipe section `checkpoint`; `false` for no checkpoint but on request.
public struct CheckpointRecipe {
  /// Steps between checkpoints; nil where time alone decides.
  public var every: Int?
  /// Minutes between checkpoints; nil where steps alone decide.
  public var minutes: Double?
  /// How many of the newest stay; the best one stays, too.
  public var keep: Int
  /// How many of the newest improved models stay in their own folders.
  public var keepImprovements: Int

  /// Minutes between checkpoints where the recipe names neither steps nor minutes.
  static let usualMinutes = 10.0
  private static let usualCount = 2

  /// - Parameter section: nil where the recipe wants none.
  init(_ section: Section?) throws {
    (keep, keepImprovements) = (Self.usualCount, 0)
    guard let section else { return }
    every = try section.integer("every", atLeast: 1)
    minutes = try section.positive("minutes") ?? (every == nil ? Self.usualMinutes : nil)
    keep = try section.integer("keep", default: Self.usualCount, atLeast: 1)
    keepImprovements = try section.integer("keep_improvements", default: 0, atLeast: 0)
    try section.finish()
  }
}
