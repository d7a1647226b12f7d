import Recipes
import Tasks

extension RecipeGuide {
  /// Section `task`: the kind, and the keys of every kind.
  static let task =
    [
      RecipeKey("task", .mapping, or: .otherwise("the defaults of its keys"), "what is learned of a row"),
      RecipeKey(
        "task.kind", .text, or: .otherwise("what the label columns say"),
        "one of " + TaskKinds.all.map { $0.kind }.joined(separator: ", "),
        why: "train says which it took where it is not \(TaskKinds.all[0].kind)"),
    ] + merged(TaskKinds.all.flatMap { $0.keys })

  /// Keys in which those of one place are one key, of which each task takes its own values.
  private static func merged(_ keys: [RecipeKey]) -> [RecipeKey] {
    keys.reduce(into: []) { keys, key in
      guard let place = keys.firstIndex(where: { $0.path == key.path }) else { return keys.append(key) }
      keys[place] = keys[place].joined(with: key)
    }
  }
}

extension RecipeKey {
  /// Of two tasks.
  fileprivate func joined(with other: RecipeKey) -> RecipeKey {
    RecipeKey(
      path, types: types + other.types, or: fallback, "\(meaning); \(other.meaning)",
      why: [reason, other.reason].filter { !$0.isEmpty }.joined(separator: "; "))
  }
}
