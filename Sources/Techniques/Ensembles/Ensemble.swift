/// Several models' predictions of the same rows, joined by id, never by position.
///
///     p(row) = Σ w_m p_m(row) / Σ w_m
///
/// - Average of probabilities, not of scores: softmax first. Hansen and Salamon, Neural network ensembles (1990).
/// - Weights are usually validation scores, or none; for learned ones see `Stacking`.
public struct Ensemble: Sendable {
  public let models: [Predictions]
  /// For each model the place of each row of the first one.
  private let places: [[Int]]

  /// - Throws: `EnsembleError` where the models have other rows or other classes.
  public init(_ models: [Predictions]) throws {
    precondition(!models.isEmpty, "an ensemble has at least one model")
    self.models = models
    let first = models[0]
    places = try models.map { model in
      guard model.classes == first.classes else {
        throw EnsembleError(
          model.source, nil, "has \(model.classes) classes, and \(first.source) has \(first.classes)",
          "use models of the same classes")
      }
      let place = Dictionary(uniqueKeysWithValues: model.rows.enumerated().map { ($1.id, $0) })
      let joined = try first.rows.map { row in
        guard let found = place[row.id] else {
          throw EnsembleError(
            model.source, nil, "has no row with id \(row.id), and \(first.source) has one", "predict the same rows")
        }
        return found
      }
      guard joined.count == model.rows.count else {
        throw EnsembleError(
          model.source, nil, "has \(model.rows.count) rows, and \(first.source) has \(joined.count)",
          "predict the same rows")
      }
      return joined
    }
  }

  /// The ids in the order of the first model.
  public var ids: [Int] { models[0].rows.map(\.id) }

  /// The name of each class, from the first model that knows it; its number where none does.
  public var labels: [String] {
    (0..<models[0].classes).map { index in models.lazy.compactMap { $0.labels[index] }.first ?? String(index) }
  }

  /// The true classes, where the first model's file has them all.
  public var truths: [Int]? {
    let truths = models[0].rows.compactMap(\.truth)
    return truths.count == models[0].rows.count ? truths : nil
  }

  /// What each model says of one row.
  func probabilities(_ row: Int) -> [[Double]] {
    zip(models, places).map { model, places in model.rows[places[row]].probabilities }
  }

  /// The weighted average of the probabilities of each row.
  ///
  /// - Parameter weights: one a model, at least one above 0; equal if nil.
  public func average(weights: [Double]? = nil) throws -> [Predictions.Row] {
    let weights = weights ?? models.map { _ in 1 }
    let total = weights.reduce(0, +)
    guard weights.count == models.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }), total > 0 else {
      throw EnsembleError(
        "--weights", nil, "is \(weights) for \(models.count) models", "give one weight of at least 0 to each model")
    }
    return ids.enumerated().map { row, id in
      let sums = zip(probabilities(row), weights).reduce(into: [Double](repeating: 0, count: models[0].classes)) {
        sums, share in
        for index in sums.indices { sums[index] += share.0[index] * share.1 }
      }
      return Predictions.Row(id: id, probabilities: sums.map { $0 / total })
    }
  }
}
