/// A vote of several models: each gives its weight to the class that it finds most probable, and most weight wins.
///
/// - Hard voting, as scikit-learn's VotingClassifier names it. Of classes with equal weight the one of the larger mean
///   probability wins; where that is equal, too, the first.
/// - The probabilities of a vote are the shares of the weight, so that the label is among the largest of them.
extension Ensemble {
  /// - Parameter weights: one a model, at least one above 0; equal if nil.
  public func vote(weights: [Double]? = nil) throws -> [PredictedRow] {
    let weights = try checked(weights)
    let total = weights.reduce(0, +)
    return ids.indices.map { row in
      var votes = [Double](repeating: 0, count: labels.count)
      for (probabilities, weight) in zip(probabilities(row), weights) {
        votes[probabilities.largestIndex ?? 0] += weight
      }
      let most = votes.max() ?? 0
      // Weights such as 0.1 and 0.2 do not add up exactly.
      let tied = votes.indices.filter { votes[$0] >= most - 1e-12 * total }
      let mean = mean(row, weights)
      let winner = tied.max { mean[$0] < mean[$1] || (mean[$0] == mean[$1] && $0 > $1) }
      return predicted(row, label: winner ?? 0, votes.map { $0 / total })
    }
  }
}
