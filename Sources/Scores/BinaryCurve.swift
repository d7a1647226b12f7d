/// Positive and negative rows by falling score: what the area under the ROC curve and the average precision follow from.
///
/// Rows of equal score are one step of the curve, as in scikit-learn.
struct BinaryCurve {
  /// How many positive and negative rows have one score, from the highest score down.
  private var steps: [(positives: Double, negatives: Double)] = []
  private var positives = 0.0
  private var negatives = 0.0

  /// - Parameter pairs: the score of each row and whether it is positive.
  init(_ pairs: [(score: Double, isPositive: Bool)]) {
    var last: Double?
    for (score, isPositive) in pairs.sorted(by: { $0.score > $1.score }) {
      if score != last {
        steps.append((0, 0))
        last = score
      }
      steps[steps.count - 1].positives += isPositive ? 1 : 0
      steps[steps.count - 1].negatives += isPositive ? 0 : 1
      positives += isPositive ? 1 : 0
      negatives += isPositive ? 0 : 1
    }
  }

  /// The share of pairs of a positive and a negative row whose positive one has the higher score; equal scores count a
  /// half. NaN where one of them is missing.
  var area: Double {
    guard positives > 0, negatives > 0 else { return .nan }
    var (above, won) = (0.0, 0.0)
    for step in steps {
      won += step.negatives * (above + step.positives / 2)
      above += step.positives
    }
    return won / (positives * negatives)
  }

  /// The mean of the precisions at each step, weighted by how much recall the step adds; 0 without positive rows.
  var averagePrecision: Double {
    guard positives > 0 else { return steps.isEmpty ? .nan : 0 }
    var (hits, taken, sum) = (0.0, 0.0, 0.0)
    for step in steps {
      hits += step.positives
      taken += step.positives + step.negatives
      sum += step.positives * hits / taken
    }
    return sum / positives
  }
}
