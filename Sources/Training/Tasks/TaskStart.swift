import Recipes

/// What a task knows when it meets its training rows.
public struct TaskStart {
  public let recipe: Recipe
  /// The head that the run may start from, or that its folder describes.
  public let head: TrainedHead?

  public init(recipe: Recipe, head: TrainedHead? = nil) { (self.recipe, self.head) = (recipe, head) }
}

/// A head of a trained model.
public struct TrainedHead: Sendable {
  /// The model's folder.
  public var path: String
  /// In the order of its scores.
  public var names: [String]
  /// Whether the folder holds its weights.
  public var isTrained: Bool

  /// Nil where a folder knows of none.
  ///
  /// - Parameters:
  ///   - names: of its configuration.
  ///   - count: the scores that its weights give; nil where it has none.
  public init?(path: String, names: [String]?, trained count: Int?) {
    guard names != nil || count != nil else { return nil }
    self.path = path
    let numbered = (0..<(count ?? 0)).map { "LABEL_\($0)" }
    self.names = names.flatMap { count == nil || $0.count == count ? $0 : nil } ?? numbered
    isTrained = count != nil
  }
}
