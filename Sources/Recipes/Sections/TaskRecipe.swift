/// Recipe section `task`: what is learned of a row. Its keys besides `kind` are the task's own.
public struct TaskRecipe {
  /// Nil for what the label columns say.
  public var kind: String?
  /// Read by the task; whatever is left over is an error.
  public let section: Section

  init(_ section: Section) throws {
    kind = try section.string("kind")
    self.section = section
  }
}
