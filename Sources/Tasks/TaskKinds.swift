import Data
import Models
import Recipes
import Training

/// What can be learned of a row: the tasks of this library, a line each, and those of a program that uses it.
public struct TaskKinds: Sendable {
  /// Nothing else names one.
  public static let all: [any LearningTask.Type] = [
    SingleLabel.self,
    Regression.self,
    MultiLabel.self,
    MultipleChoice.self,
    Similarity.self,
    TokenClassification.self,
    SpanAnswer.self,
    MaskedLanguageModel.self,
  ]

  private let own: [any LearningTask.Type]

  /// - Parameter own: tasks of one's own, which are asked before others what they claim.
  public init(own: [any LearningTask.Type] = []) {
    let kinds = (own + Self.all).map { $0.kind }
    precondition(Set(kinds).count == kinds.count, "\(kinds) name two tasks alike; give each its own kind")
    self.own = own
  }

  /// The task of a recipe: the one it names, else the one that claims the rows' label columns. The first claims all.
  /// - Throws: `RecipeError` for an unknown kind.
  public func kind(of recipe: Recipe, for cells: TargetCells) throws -> any LearningTask.Type {
    if let kind = try named(recipe) { return kind }
    let kind = (Self.all + own).last { $0.claims(cells) } ?? Self.all[0]
    try refuseKeys(of: recipe, kind)
    return kind
  }

  /// - Throws: `RecipeError` for a key that another task reads, where the rows' labels say this one.
  private func refuseKeys(of recipe: Recipe, _ kind: any LearningTask.Type) throws {
    func reads(_ kind: any LearningTask.Type, _ path: String) -> Bool { kind.keys.contains { $0.path == path } }
    for key in recipe.task.section.keys where !reads(kind, "task.\(key)") {
      let others = (Self.all + own).filter { reads($0, "task.\(key)") }.map { $0.kind }
      guard !others.isEmpty else { continue }
      throw recipe.task.section.error(
        key,
        "belongs to \(others.joined(separator: " and ")), and the labels are read as \(kind.kind); leave it out, or add"
          + " task.kind: \(others[0])")
    }
  }

  /// Which texts of a row are read together: as the recipe's task reads them.
  /// - Throws: `RecipeError` for an unknown kind.
  public func layout(of recipe: Recipe) throws -> RowLayout {
    if let kind = try named(recipe) { return kind.layout }
    if recipe.data.train.isOfSentences { return .words }
    return recipe.data.columns.options.isEmpty ? .joined : .options
  }

  /// - Parameter kind: the recipe's task, where the rows have said it.
  /// - Throws: `RecipeError` where the recipe reads rows in windows, and its task does not score rows as a whole.
  public func checkWindows(of recipe: Recipe, _ kind: (any LearningTask.Type)? = nil) throws {
    guard recipe.data.windows != nil else { return }
    let layout = try layout(of: recipe)
    guard let kind = try kind ?? named(recipe) ?? (Self.all + own).first(where: { $0.layout == layout }),
      !kind.takesWindows
    else { return }
    throw RecipeError(
      source: recipe.source, key: "data.windows",
      problem: "is for tasks that score a row as a whole or its words, and the task is \(kind.kind); leave it out"
        + " (--set data.windows=null)")
  }

  /// The head of the recipe's task, from that of the model's family.
  /// - Throws: `RecipeError` for an unknown kind.
  public func head(_ usual: HeadDesign, of recipe: Recipe) throws -> HeadDesign {
    let layout = try layout(of: recipe)
    let kind = try named(recipe) ?? (Self.all + own).first { $0.layout == layout }
    return try kind?.head(usual, for: recipe) ?? usual
  }

  /// Whether the recipe's task reads the vectors of sequences, without a head.
  /// - Throws: `RecipeError` for an unknown kind.
  public func givesVectors(_ recipe: Recipe) throws -> Bool { try named(recipe)?.givesVectors ?? false }

  /// The recipe's task, where it scores the vocabulary; nil where it is another.
  /// - Throws: `RecipeError` for an unknown kind.
  public func vocabularyTask(of recipe: Recipe) throws -> (any VocabularyTask.Type)? {
    try named(recipe) as? any VocabularyTask.Type
  }

  /// The columns of the recipe's rows: without a label where its task needs none and the recipe names none.
  /// - Throws: `RecipeError` for an unknown kind.
  public func columns(of recipe: Recipe) throws -> ColumnMapping {
    var columns = recipe.data.columns
    if !columns.negatives.isEmpty, try layout(of: recipe) != .separate {
      throw RecipeError(
        source: recipe.source, key: "data.columns.negative",
        problem: "names texts that are compared with the row's text, which "
          + (recipe.task.kind.map { "task.kind \($0)" } ?? "the task") + " does not do; leave it out")
    }
    guard let kind = try named(recipe) else { return columns }
    columns = columns.filled(by: kind.usualColumns)
    guard !kind.needsLabels(recipe) else { return columns }
    if !recipe.values.keys.contains(where: { $0.hasPrefix("data.columns.label") }) { columns.labels = [] }
    return columns
  }

  private func named(_ recipe: Recipe) throws -> (any LearningTask.Type)? {
    guard let name = recipe.task.kind else { return nil }
    let all = Self.all + own
    if let kind = all.first(where: { $0.kind == name }) { return kind }
    throw RecipeError(
      source: recipe.source, key: "task.kind",
      problem: "is \"\(name)\"; give one of \(all.map { $0.kind }.joined(separator: ", "))")
  }

  /// The task of a trained model.
  /// - Throws: `ModelError` where none computes its head.
  public func task(of head: HeadDescription) throws -> any LearningTask {
    guard let kind = (own + Self.all).first(where: { $0.claims(head) }) else {
      let type = head.problemType.map { "problem_type \($0), " } ?? ""
      throw ModelError(
        file: head.source,
        problem:
          "is of a head (\(type)\(head.outputs == 1 ? "one label" : "\(head.outputs) labels")) that no task here has",
        remedy: "use a model of another task")
    }
    return try kind.init(head)
  }
}
