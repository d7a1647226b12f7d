import Tasks
import Training

extension RecipeGuide {
  /// Section `task`: the kind, and the keys of every kind.
  static let task =
    [
      RecipeKey("task", .mapping, or: .otherwise("the defaults of its keys"), "what is learned of a row"),
      RecipeKey(
        "task.kind", .text, or: .otherwise("what the label columns say"),
        "one of " + TaskKinds.all.map { $0.kind }.joined(separator: ", "),
        why: "train says which it took where it is not \(TaskKinds.all[0].kind)"),
    ] + TaskKinds.all.flatMap { $0.keys }
}
