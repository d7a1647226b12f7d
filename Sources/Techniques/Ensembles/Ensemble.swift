import Support
import Text

/// Several models' predictions of the same rows, joined by id and by the names of the classes, never by position.
///
///     p(row) = Σ w_m p_m(row) / Σ w_m
///
/// - Average of probabilities, not of scores: softmax first. Hansen and Salamon, Neural network ensembles (1990).
/// - Weights are usually validation scores, or none; for learned ones see `Stacking`, for votes `Voting`.
public struct Ensemble: Sendable {
  public let models: [Predictions]
  private let join: ClassJoin
  /// The name of each class; its number where no model knows it.
  public let labels: [String]
  /// For each model the place of each row of the first one.
  private let places: [[Int]]

  /// - Throws: `EnsembleError` where the models have other rows or other classes.
  public init(_ models: [Predictions]) throws {
    try self.init(models, join: ClassJoin(models))
  }

  /// Brings models to the order of classes that another ensemble has.
  /// - Throws: `EnsembleError` where the models have other rows or other classes.
  public init(_ models: [Predictions], classesOf other: Ensemble) throws {
    let source = other.models[0].source
    let areNamed = other.models.contains(where: \.areClassesNamed)
    try self.init(models, join: ClassJoin(models, reference: (other.join.names, areNamed, source)))
  }

  private init(_ models: [Predictions], join: ClassJoin) throws {
    precondition(!models.isEmpty, "an ensemble has at least one model")
    self.models = models
    self.join = join
    labels = join.names.enumerated().map { $1 ?? String($0) }
    let first = models[0]
    let ids = Set(first.rows.map { ByteString($0.id) })
    places = try models.map { model in
      let place = Dictionary(uniqueKeysWithValues: model.rows.enumerated().map { (ByteString($1.id), $0) })
      let missing = first.rows.filter { place[ByteString($0.id)] == nil }.map(\.id)
      guard missing.isEmpty else {
        throw EnsembleError(
          model.source, nil, "has no row with id \(named(missing)), and \(first.source) has one",
          "predict the same rows")
      }
      let extra = model.rows.filter { !ids.contains(ByteString($0.id)) }.map(\.id)
      guard extra.isEmpty else {
        throw EnsembleError(
          model.source, nil, "has a row with id \(named(extra)), and \(first.source) has none", "predict the same rows")
      }
      return first.rows.map { place[ByteString($0.id)]! }
    }
  }

  /// The ids in the order of the first model.
  public var ids: [String] { models[0].rows.map(\.id) }

  /// The true classes, where the first model's file has them all.
  public var truths: [Int]? {
    let truths = models[0].rows.compactMap(\.truth)
    guard truths.count == models[0].rows.count else { return nil }
    guard let order = join.places[0] else { return truths }
    return truths.compactMap { order.firstIndex(of: $0) }
  }

  /// What each model says of one row, in one order of the classes.
  func probabilities(_ row: Int) -> [[Double]] {
    models.indices.map { model in
      let own = models[model].rows[places[model][row]].probabilities
      return join.places[model].map { $0.map { own[$0] } } ?? own
    }
  }

  /// The weighted average of the probabilities of each row.
  ///
  /// - Parameter weights: one a model, at least one above 0; equal if nil.
  public func average(weights: [Double]? = nil) throws -> [PredictedRow] {
    let weights = try checked(weights)
    return ids.indices.map { row in
      let probabilities = mean(row, weights)
      return predicted(row, label: probabilities.largestIndex ?? 0, probabilities)
    }
  }

  /// A weight for each model.
  func checked(_ weights: [Double]?) throws -> [Double] {
    let weights = weights ?? models.map { _ in 1 }
    let total = weights.reduce(0, +)
    guard weights.count == models.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }), total > 0, total.isFinite
    else {
      throw EnsembleError(
        "--weights", nil, "is \(weights) for \(models.count) models", "give one weight of at least 0 to each model")
    }
    return weights
  }

  func mean(_ row: Int, _ weights: [Double]) -> [Double] {
    let total = weights.reduce(0, +)
    let sums = zip(probabilities(row), weights).reduce(into: [Double](repeating: 0, count: labels.count)) {
      sums, share in
      for index in sums.indices { sums[index] += share.0[index] * share.1 }
    }
    return sums.map { $0 / total }
  }

  func predicted(_ row: Int, label: Int, _ probabilities: [Double]) -> PredictedRow {
    PredictedRow(id: models[0].rows[row].id, label: labels[label], probabilities: probabilities)
  }
}
