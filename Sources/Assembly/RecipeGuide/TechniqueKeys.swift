import Recipes
import Techniques

extension RecipeGuide {
  /// The cards of the techniques say more: formula, paper, cost.
  static let techniques =
    [
      RecipeKey(
        "techniques", .mapping, or: .otherwise("plain training"),
        "any that go together; {} or true takes a technique's defaults")
    ] + TechniqueList.all.flatMap(\.keys)
}
