import Data

/// Label cells that hold a probability a class: a column each, named as the class is, or one column of lists or of objects.
struct SoftLabels {
  private let cells: TargetCells
  /// Nil where rows have columns or lists.
  private let objects: SoftLabelObjects?

  /// How far the sum of a row's probabilities may be from 1: tables round them.
  private static let tolerance = 1e-3

  /// Nil where each row has the name of its class.
  init?(_ cells: TargetCells) {
    guard cells.columns.count > 1 || cells.hasLists else { return nil }
    self.cells = cells
    objects = SoftLabelObjects(cells)
  }

  private var areLists: Bool { cells.columns.count == 1 }

  /// The classes that the rows have by themselves: those of the columns or objects, or as many as a list is long.
  /// - Throws: an error that names file and line.
  func scheme() throws -> LabelScheme {
    if let objects { return try objects.scheme() }
    guard areLists else {
      if let again = cells.columns.enumerated().first(where: { cells.columns[..<$0].contains($1) })?.element {
        throw cells.error(
          "has one column \(again.debugDescription), which is named twice", remedy: "correct \(cells.setting)")
      }
      return .names(cells.columns)
    }
    let count = try texts(0).count
    guard count > 1 else {
      throw cells.error(
        row: 0, "has a list of \(count == 1 ? "one probability" : "no probabilities")",
        remedy: "write one for each of two classes or more")
    }
    return .integers(classes: count)
  }

  /// The targets of the rows, each divided by its sum.
  ///
  /// - Parameter names: of the classes of the scores.
  /// - Throws: an error that names file and line.
  func targets(of names: [String]) throws -> Targets {
    let places = try objects == nil ? places(among: names) : Array(names.indices)
    let given = try objects?.probabilities(of: names)
    var values = [Float](repeating: 0, count: cells.rowCount * names.count)
    for row in 0..<cells.rowCount {
      let probabilities = try given?[row] ?? probabilities(row, of: names)
      let sum = probabilities.reduce(0, +)
      guard abs(sum - 1) <= Self.tolerance else {
        throw cells.error(
          row: row, "the probabilities of the classes sum to \((sum * 10_000).rounded() / 10_000), not 1",
          remedy: "write one for each class that sum to 1, or set task.kind to multi-label or regression")
      }
      for (place, probability) in zip(places, probabilities) {
        values[row * names.count + place] = Float(probability / sum)
      }
    }
    return Targets(distributions: values, classes: names.count)
  }

  /// The class of each probability of a row.
  private func places(among names: [String]) throws -> [Int] {
    guard !areLists else { return Array(names.indices) }
    let columns = cells.columns
    guard columns.count == names.count else {
      throw cells.error(
        "has \(columns.count) label columns, and the classes are \(names.count) (\(names.inShort))",
        remedy: "name a column for each in \(cells.setting)")
    }
    let places = LabelSource.places(of: columns, among: names)
    if let unknown = zip(columns, places).first(where: { $1 == nil })?.0 {
      throw cells.error(
        "has the label column \(unknown.debugDescription), which is not one of the classes \(names.inShort)",
        remedy: "name the column of each class in \(cells.setting)")
    }
    guard Set(places).count == places.count else {
      throw cells.error("has two label columns of one class", remedy: "name one for each class in \(cells.setting)")
    }
    return places.compactMap(\.self)
  }

  private func probabilities(_ row: Int, of names: [String]) throws -> [Double] {
    let texts = try texts(row)
    guard texts.count == names.count else {
      throw cells.error(
        row: row, "has \(texts.count) probabilities, and the classes are \(names.count) (\(names.inShort))",
        remedy: "write one for each class")
    }
    return try texts.enumerated().map { index, text in
      try cells.probability(text, of: areLists ? nil : cells.columns[index], row)
    }
  }

  /// The cells of a row, or the elements of its list.
  private func texts(_ row: Int) throws -> [String] {
    guard areLists else { return Array(cells[row]) }
    guard let list = cells.list(row) else {
      throw cells.error(
        row: row, "label \(cells.first(row).debugDescription) is not a list, and those of other rows are",
        remedy: "write the probability of each class in every row")
    }
    return list
  }
}
