import Data

/// What a table's labels ask for.
enum TaskGuess: String {
  case singleLabel = "single-label"
  case multiLabel = "multi-label"
  case regression
  case multipleChoice = "multiple-choice"
  case similarity
  case tokenClassification = "token-classification"
  case spanAnswer = "span-answer"

  /// Whole numbers that are more than this, or that have gaps where they are many, are amounts.
  private static let mostClasses = 150

  init(_ roles: ColumnRoles) {
    let labels = roles.labels
    if !roles.options.isEmpty {
      self = .multipleChoice
    } else if labels.count > 1 {
      self = labels.allSatisfy(\.isBinary) ? .multiLabel : .regression
    } else if labels[0].hasLists || labels[0].delimiter != nil {
      self = .multiLabel
    } else if labels[0].isDecimal, !labels[0].isWhole || Self.areAmounts(labels[0]) {
      self = roles.pair == nil ? .regression : .similarity
    } else {
      self = .singleLabel
    }
  }

  private static func areAmounts(_ column: ColumnFacts) -> Bool {
    let values = Set(column.counts.keys.compactMap { WholeNumber.decimal($0) })
    guard values.count > mostClasses, let least = values.min(), let most = values.max() else { return false }
    return least != 0 || most != Double(values.count - 1)
  }
}
