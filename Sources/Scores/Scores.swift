/// How the scores of the classes become one number.
public enum ClassAverage: Sendable, Equatable {
  /// The score of this class alone.
  case positive(Int)
  /// Every class counts the same; classes that neither occur nor are predicted are left out, as scikit-learn does.
  case macro
  /// Counts are added over the classes first; for precision, recall and F1 this is the accuracy.
  case micro
  /// Every class counts by its number of labels.
  case weighted
}

/// The usual scores, as scikit-learn computes them with `zero_division=0`: a quotient of nothing is 0.
extension ConfusionMatrix {
  /// The share of rows that are predicted right.
  public var accuracy: Double {
    quotient((0..<classes).reduce(0) { $0 + correct($1) }, Double(total))
  }

  /// Of the rows predicted as a class, the share that has its label.
  public func precision(_ average: ClassAverage) -> Double {
    combine(average) { quotient(correct($0), predicted($0)) }
  }

  /// Of the rows with a label, the share that is predicted as its class.
  public func recall(_ average: ClassAverage) -> Double {
    combine(average) { quotient(correct($0), support($0)) }
  }

  /// The harmonic mean of precision and recall: 2 correct / (predicted + labels).
  public func f1(_ average: ClassAverage) -> Double {
    combine(average) { quotient(2 * correct($0), predicted($0) + support($0)) }
  }

  /// Matthews' correlation of labels and predictions, -1 to 1, for any number of classes.
  ///
  /// Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient (2004). 0 where either the
  /// labels or the predictions are all of one class.
  public var matthews: Double {
    let rows = Double(total)
    var (hits, agreement, labels, predictions) = (0.0, 0.0, 0.0, 0.0)
    for index in 0..<classes {
      let (support, predicted) = (support(index), predicted(index))
      hits += correct(index)
      agreement += support * predicted
      labels += support * support
      predictions += predicted * predicted
    }
    let spread = (rows * rows - labels) * (rows * rows - predictions)
    return quotient(hits * rows - agreement, spread.squareRoot())
  }

  private func combine(_ average: ClassAverage, _ score: (Int) -> Double) -> Double {
    switch average {
    case .positive(let index):
      precondition(0..<classes ~= index, "class \(index) is not one of \(classes) classes")
      return score(index)
    case .macro:
      let seen = (0..<classes).filter { support($0) + predicted($0) > 0 }
      return quotient(seen.reduce(0) { $0 + score($1) }, Double(seen.count))
    case .micro:
      return accuracy
    case .weighted:
      return quotient((0..<classes).reduce(0) { $0 + support($1) * score($1) }, Double(total))
    }
  }

  private func quotient(_ numerator: Double, _ denominator: Double) -> Double {
    denominator == 0 ? 0 : numerator / denominator
  }
}
