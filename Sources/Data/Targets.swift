/// The targets of rows, as numbers: the number of a class, or a number a label or value.
public struct Targets: Sendable, Equatable {
  /// Numbers of a row; 0 where the data has no targets.
  public let width: Int
  /// [rows × width]; nan where a row has none.
  public let values: [Float]
  /// How much each row counts; nil where each counts 1.
  public let weights: [Float]?
  /// Where the targets of each row begin, and the end of the last; nil where each row has as many.
  private let borders: [Int]?

  public init(width: Int, values: [Float], weights: [Float]? = nil) {
    precondition(width > 0 && values.count % width == 0, "\(values.count) targets in rows of \(width)")
    precondition(
      weights.map { $0.count * width == values.count } ?? true,
      "\(weights?.count ?? 0) weights of rows for \(values.count) targets in rows of \(width)")
    (self.width, self.values, self.weights, borders) = (width, values, weights, nil)
  }

  /// A class for each word of each row; nan where a word has none. A row counts as many as it has.
  public init(words rows: [[Float]]) {
    self.init(tokens: rows, weights: rows.map { row in Float(row.count { !$0.isNaN }) })
  }

  /// A number for each token of each row, and how much each row counts.
  public init(tokens rows: [[Float]], weights: [Float]) {
    precondition(rows.count == weights.count, "\(weights.count) weights of \(rows.count) rows")
    (width, values, self.weights) = (1, rows.flatMap { $0 }, weights)
    borders = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  }

  /// The rows that have targets.
  public var rowCount: Int { borders.map { $0.count - 1 } ?? values.count / max(1, width) }

  /// Numbers a label or value, of which a row counts as many as it has.
  public init(counting values: [Float], width: Int) {
    let weights = stride(from: 0, to: values.count, by: width).map { first in
      Float(values[first..<first + width].count { !$0.isNaN })
    }
    self.init(width: width, values: values, weights: weights)
  }

  /// A class a row; -1 for a row without one.
  public init(classes: [Int32]) { self.init(width: 1, values: classes.map { $0 < 0 ? .nan : Float($0) }) }

  /// The probability of each class of each row, [rows × classes]: a row's first target is its most probable class, the first
  /// of several, and the probabilities stand behind it.
  public init(distributions: [Float], classes: Int) {
    precondition(
      classes > 1 && distributions.count % classes == 0, "\(distributions.count) probabilities of \(classes) classes")
    let values = stride(from: 0, to: distributions.count, by: classes).flatMap { first -> [Float] in
      let own = distributions[first..<first + classes]
      let largest = own.indices.reduce(first) { own[$1] > own[$0] ? $1 : $0 } - first
      return [Float(largest)] + own
    }
    self.init(width: classes + 1, values: values)
  }

  /// The targets of a row.
  public subscript(row: Int) -> ArraySlice<Float> {
    borders.map { values[$0[row]..<$0[row + 1]] } ?? values[row * width..<(row + 1) * width]
  }
}
