import Data
import Recipes
import Techniques
import Training

/// The rows of a run: those to train on, those to validate on, and those of a fold that is not trained on.
struct RowSplit {
  private(set) var train: any Dataset
  private(set) var validation: (any Dataset)?
  private(set) var heldOut: (any Dataset)?
  /// What was counted in the rows, with those on both sides of `data.split`.
  private(set) var facts: RowFacts?
  private(set) var notes: [String] = []

  /// - Throws: `RecipeError` where the rows cannot be cut as the recipe asks.
  init(
    train rows: any Dataset, validation: (any Dataset)?, facts: RowFacts?, _ recipe: Recipe,
    fold: (index: Int, count: Int)?
  ) throws {
    (train, self.validation, self.facts) = (rows, validation, facts)
    let groups = recipe.data.split == nil && fold == nil ? nil : try recipe.rowGroups()
    if let split = recipe.data.split {
      let cut = try Self.cut(rows, split, groups, recipe)
      train = DatasetRows(rows, rows: cut.train)
      self.validation = DatasetRows(rows, rows: cut.validation)
      if let table = rows as? TokenDataset {
        self.facts?.noteShared(table.rowsShared(cut.validation, with: cut.train), of: cut.validation.count)
        notes = [self.facts?.sharedNote].compactMap(\.self)
      }
      if let fold { try divide(fold, groups.map { groups in cut.train.map { groups[$0] } }, recipe) }
    } else if let fold {
      try divide(fold, groups, recipe)
    }
  }

  /// The same rows as a task learns and judges them.
  /// - Throws: an error where nothing can be learned of them.
  func learned(by task: any LearningTask, seed: UInt64) throws -> RowSplit {
    var rows = self
    rows.train = try task.rows(train, for: .training(seed: seed))
    rows.validation = try validation.map { try task.rows($0, for: .judging) }
    rows.heldOut = try heldOut.map { try task.rows($0, for: .judging) }
    return rows
  }

  /// Leaves one fold of the training rows out.
  private mutating func divide(_ fold: (index: Int, count: Int), _ groups: [Int]?, _ recipe: Recipe) throws {
    let (rows, parts) = (train, groups.map { Set($0).count } ?? train.rowCount)
    guard (2...max(2, parts)).contains(fold.count) else {
      throw RecipeError(
        source: "--folds", key: String(fold.count),
        problem: "does not cut \(parts) \(groups == nil ? "rows" : "groups of rows"); give 2 up to that")
    }
    let folds = Folds(labels: Self.classes(of: rows), groups: groups, count: fold.count, seed: recipe.seed)
    train = DatasetRows(rows, rows: folds.kept(without: fold.index))
    heldOut = DatasetRows(rows, rows: folds.held(out: fold.index))
  }

  fileprivate static func cut(
    _ rows: any Dataset, _ split: SplitRecipe, _ groups: [Int]?, _ recipe: Recipe
  ) throws -> Split {
    guard
      let cut = Split(classes: classes(of: rows), groups: groups, fraction: split.fraction, seed: recipe.seed)
    else {
      throw RecipeError(
        source: recipe.source, key: "data.split",
        problem: groups == nil
          ? "cannot cut one row in two; give data.validation"
          : "cannot cut one group in two: \(recipe.data.groupKey) has the same value in every row; name another column")
    }
    return cut
  }

  /// What rows are shared out by.
  private static func classes(of rows: any Dataset) -> [Int32] { (0..<rows.rowCount).map(rows.label) }
}

extension Recipe {
  /// The group of every training row; nil where rows have none.
  fileprivate func rowGroups() throws -> [Int]? {
    guard let column = data.group, case .table(let files) = data.train else { return nil }
    return try RowGroups(files, column: column, key: data.groupKey, limit: data.limit, options: data.tableOptions)
      .numbers
  }

  /// The rows of the training data that `data.split` sets aside to validate on.
  ///
  /// - Parameter rows: all rows of the training data, whatever read them.
  /// - Throws: `RecipeError` where they cannot be cut.
  public func validationRows(of rows: any Dataset) throws -> any Dataset {
    guard let split = data.split else { return rows }
    let limited = data.limit.map { $0 < rows.rowCount ? DatasetRows(rows, rows: Array(0..<$0)) : rows } ?? rows
    return DatasetRows(limited, rows: try RowSplit.cut(limited, split, rowGroups(), self).validation)
  }
}
