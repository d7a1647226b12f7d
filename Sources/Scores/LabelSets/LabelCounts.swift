/// How many of the labels of a row, a column or a whole set are predicted, given, and both.
struct LabelCounts {
  var both = 0
  var predicted = 0
  var given = 0
  /// Those whose target is not missing.
  var known = 0

  mutating func add(isGiven: Bool, isPredicted: Bool) {
    known += 1
    both += isGiven && isPredicted ? 1 : 0
    predicted += isPredicted ? 1 : 0
    given += isGiven ? 1 : 0
  }

  mutating func merge(_ other: LabelCounts) {
    both += other.both
    predicted += other.predicted
    given += other.given
    known += other.known
  }

  var wrong: Int { predicted + given - 2 * both }

  // A quotient of nothing is 0, as with scikit-learn's `zero_division=0`.
  var precision: Double { quotient(both, predicted) }
  var recall: Double { quotient(both, given) }
  var f1: Double { quotient(2 * both, predicted + given) }
  var jaccard: Double { quotient(both, predicted + given - both) }

  private func quotient(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
  }
}

/// How the scores of several labels become one number.
enum LabelAverage: String, CaseIterable {
  /// Counts are added over labels and rows first.
  case micro
  /// Every label counts the same, also one that neither occurs nor is predicted, as in scikit-learn.
  case macro
  /// Every label counts by how often it is given.
  case weighted
  /// Every row counts the same.
  case samples
}
