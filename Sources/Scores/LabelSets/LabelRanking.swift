/// The labels of one row by their scores. A row that has all labels or none of them ranks them well, whatever the scores.
struct LabelRanking {
  private var given: [Double] = []
  private var others: [Double] = []

  /// - Parameter pairs: the score and the target of each label; a target that is missing is left out.
  init(_ pairs: some Sequence<(Double, Double)>) {
    for (score, target) in pairs where !target.isNaN {
      if target == 1 { given.append(score) } else { others.append(score) }
    }
  }

  /// The mean over the given labels of how many labels down to each are given ones; equal scores all count.
  var averagePrecision: Double {
    guard !given.isEmpty, !others.isEmpty else { return 1 }
    return given.map { score in
      let right = given.count { $0 >= score }
      return Double(right) / Double(right + others.count { $0 >= score })
    }.mean
  }

  /// How many of the best labels one must take to have all that are given; 0 without any.
  var coverage: Double {
    guard let least = given.min() else { return 0 }
    return Double(given.count + others.count { $0 >= least })
  }

  /// The share of pairs of a given label and another whose given one has not the higher score.
  var loss: Double {
    guard !given.isEmpty, !others.isEmpty else { return 0 }
    let wrong = given.reduce(0) { sum, score in sum + others.count { $0 >= score } }
    return Double(wrong) / Double(given.count * others.count)
  }
}
