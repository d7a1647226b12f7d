import Recipes

/// Some of each label's weight is spread over all classes.
///
///     target = (1 - epsilon) · one-hot + epsilon / classes
///
/// - Paper: Szegedy et al., Rethinking the inception architecture for computer vision, arXiv:1512.00567.
/// - The task of one class a row or a word smooths in its own loss (PyTorch's `label_smoothing`).
/// - Cost: nothing. Saves: nothing.
package enum LabelSmoothing {}

extension LabelSmoothing {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "label_smoothing", .loss,
    keys: [
      RecipeKey(
        "techniques.label_smoothing", .toggle, or: .otherwise("none"),
        "some of each label's weight is spread over all classes"),
      RecipeKey(
        "techniques.label_smoothing.epsilon", .number(0...1), or: "0.1", "the share that is spread",
        why: "Szegedy et al. 2016"),
    ],
    idle: [.init("techniques.label_smoothing.epsilon", 0, "0 smooths nothing")],
    benchmark: .init("{label_smoothing: {}}"))
}
