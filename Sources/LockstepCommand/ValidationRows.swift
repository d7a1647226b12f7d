import Dashboard
import Foundation
import Lockstep

/// The validation rows of a recipe, as a trained model reads them, with their texts.
struct ValidationRows {
  private let predictor: Predictor
  private let rows: any Dataset
  /// Nil for images.
  private let table: Table?
  /// The row of the table that each row is; nil where they are the same.
  private let places: [Int]?

  /// - Returns: nil where the recipe has none.
  init?(of recipe: Recipe, model: String) throws {
    let data = recipe.data
    guard let source = data.validation ?? data.split.map({ _ in data.train }) else { return nil }
    predictor = try Predictor(directory: model)
    let all = try predictor.rows(source, columns: data.columns, options: data.tableOptions, isLabelled: true)
    rows = try recipe.validationRows(of: all)
    places = (rows as? DatasetRows)?.places
    table = Self.table(source, data, predictor.task, count: all.rowCount)
  }

  /// The rows as they are written; nil where they are not those of the data set.
  private static func table(
    _ source: DataRecipe.Source, _ data: DataRecipe, _ task: any LearningTask, count: Int
  ) -> Table? {
    guard case .table(let files) = source else { return nil }
    let columns = data.columns.filled(by: type(of: task).usualColumns)
    let options = data.tableOptions.reading(type(of: task).layout)
    let table = try? Table(files: files, columns: columns, options: options)
    return table?.rows.count == count ? table : nil
  }

  /// What the model does on them.
  func figures(model: String, positive: String?) throws -> ReportedRun.Validation {
    let task = predictor.task
    let figures = try predictor.evaluate(rows, metrics: task.usualFigures)
    return ReportedRun.Validation(
      model: model, form: form, loss: figures.loss, metrics: figures.metrics, scored: figures.scored,
      positive: task.classNames.flatMap { PositiveClass(positive ?? figures.positive, among: $0) },
      classes: task.report(of: figures.scored), confusion: figures.confusion, calibration: figures.calibration,
      texts: (0..<rows.rowCount).map(text))
  }

  private var form: ReportedRun.Form {
    let task = predictor.task
    if let classes = task.classNames { return .classes(classes) }
    switch type(of: task).kind {
    case "multi-label": return .labels(predictor.labelNames)
    case "regression": return .values(predictor.labelNames)
    case "token-classification": return .words(predictor.labelNames)
    default: return .other
    }
  }

  private func text(of row: Int) -> ReportedRun.RowText {
    let id = rows.rowID(row)
    if let words = rows.words(row) {
      let read = zip(words.places, words.areRead).filter(\.1).map { words.text($0.0) }
      return .init(id: id, text: words.text, words: read)
    }
    guard let own = table?.rows[places?[row] ?? row] else { return .init(id: id, text: "") }
    return .init(id: id, text: [own.text, own.pair].compactMap(\.self).joined(separator: " | "))
  }
}
