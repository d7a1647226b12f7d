/// A vote of several models: each gives its weight to the class that it finds most probable, and most weight wins.
///
/// - Hard voting, as scikit-learn's VotingClassifier names it. Of classes with equal weight the one of the larger mean
///   probability wins; where that is equal, too, the first. Of a row's own options alike.
/// - Each model gives its weight to every label that it predicts by its own thresholds. Half of all weight gives a label.
/// - The probabilities of a vote are the shares of the weight, so that the label is among the largest of them.
extension Ensemble {
  /// - Parameter weights: one a model, at least one above 0; equal if nil.
  /// - Throws: `EnsembleError` where models give values, for which nobody votes.
  public func vote(weights: [Double]? = nil) throws -> [PredictedRow] {
    let weights = try checked(weights)
    if [.values, .words].contains(form) {
      throw EnsembleError(
        "--vote", nil, "is given, and \(models[0].source) has \(form.noun), which are not voted for",
        "leave it out: \(form.noun) are averaged")
    }
    let thresholds = thresholds()
    return ids.indices.map { row in
      thresholds.map { labelVote(row, weights, thresholds: $0) } ?? classVote(row, weights)
    }
  }

  private func classVote(_ row: Int, _ weights: [Double]) -> PredictedRow {
    let (models, total) = (probabilities(row), weights.reduce(0, +))
    var votes = models[0].map { _ in 0.0 }
    for (probabilities, weight) in zip(models, weights) { votes[probabilities.largestIndex ?? 0] += weight }
    let most = votes.max() ?? 0
    // Weights such as 0.1 and 0.2 do not add up exactly.
    let tied = votes.indices.filter { votes[$0] >= most - 1e-12 * total }
    let mean = mean(row, weights)
    let winner = tied.max { mean[$0] < mean[$1] || (mean[$0] == mean[$1] && $0 > $1) }
    return predicted(row, place: winner ?? 0, votes.map { $0 / total })
  }

  private func labelVote(_ row: Int, _ weights: [Double], thresholds: [[Double]]) -> PredictedRow {
    let (models, total) = (probabilities(row), weights.reduce(0, +))
    let shares = labels.indices.map { label in
      let votes = models.indices.filter { models[$0][label] >= thresholds[$0][label] }.reduce(0) { $0 + weights[$1] }
      return abs(2 * votes - total) <= 1e-12 * total ? 0.5 : min(votes / total, 1)
    }
    return predicted(row, place: 0, shares, thresholds: labels.map { _ in 0.5 })
  }
}
