import Recipes
import Support
import Training

/// The labels of a run that starts from a trained model: in the order of its head where they are the same.
struct LabelSetOrder {
  let names: [String]
  /// Whether the head's weights are not read.
  let startsHead: Bool
  let notes: [String]

  /// - Throws: `RecipeError` where the recipe keeps a head that is of other labels.
  init(_ found: [String], _ start: TaskStart) throws {
    let recipe = start.recipe
    if let labels = recipe.model.labels, labels != found.count {
      throw RecipeError(
        source: recipe.source, key: "model.labels",
        problem: "is \(labels), and the rows have \(found.count) labels; correct it or leave it out")
    }
    guard let head = start.head, head.isTrained, recipe.model.headWeights != .new else {
      (names, startsHead) = (found, start.head?.isTrained ?? false)
      notes = startsHead ? ["the head starts from random weights, as asked"] : []
      return
    }
    guard Set(found.map(ByteString.init)) == Set(head.names.map(ByteString.init)) else {
      let difference =
        "its labels are \(head.names.prefix(10).joined(separator: ", ")), and the rows' are"
        + " \(found.prefix(10).joined(separator: ", "))"
      guard recipe.model.headWeights != .keep else {
        throw RecipeError(
          source: recipe.source, key: "model.head_weights",
          problem: "is keep, and the head of \(head.path) does not fit: \(difference); correct the labels, or take new")
      }
      (names, startsHead) = (found, true)
      notes = ["the head of \(head.path) starts from random weights: \(difference)"]
      return
    }
    (names, startsHead, notes) = (head.names, false, [])
  }
}
