import Support
import Text

/// Several models' predictions of the same rows, joined by id and by the names of the classes, never by position.
///
///     p(row) = Σ w_m p_m(row) / Σ w_m
///
/// - Average of probabilities, not of scores: softmax first. Hansen and Salamon, Neural network ensembles (1990).
/// - Of words the probabilities of each are averaged, and it has the tag of the largest.
/// - Values are averaged alike. A label is given from the weighted mean of its thresholds on.
/// - Weights are usually validation scores, or none; for learned ones see `Stacking`, for votes `Voting`.
public struct Ensemble: Sendable {
  public let models: [Predictions]
  private let join: ClassJoin
  /// The name of each class, label or value; its number where no model knows it. Empty where rows have their own options.
  public let labels: [String]
  /// For each model the place of each row of the first one.
  private let places: [[Int]]

  /// - Throws: `EnsembleError` where the models have other rows or other classes.
  public init(_ models: [Predictions]) throws {
    let models = try Self.ofOneForm(models)
    try self.init(models, join: ClassJoin(models))
  }

  /// Brings models to the order of classes that another ensemble has.
  /// - Throws: `EnsembleError` where the models have other rows or other classes.
  public init(_ models: [Predictions], classesOf other: Ensemble) throws {
    let source = other.models[0].source
    let areNamed = other.models.contains(where: \.areClassesNamed)
    let own = try Self.ofOneForm(other.models + models).suffix(models.count)
    try self.init(
      Array(own), join: ClassJoin(Array(own), reference: (other.join.names, areNamed, source)))
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
    try checkOptions()
    try checkWords()
  }

  /// The models, those of tables with their own options where another has them.
  /// - Throws: `EnsembleError` where they are of several forms.
  private static func ofOneForm(_ models: [Predictions]) throws -> [Predictions] {
    let haveOptions = models.contains { $0.form == .options }
    let models = haveOptions ? try models.map { try $0.withOptions() ?? $0 } : models
    let first = models[0]
    if let other = models.first(where: { $0.form.noun != first.form.noun }) {
      throw EnsembleError(
        other.source, nil, "has \(other.form.noun), and \(first.source) has \(first.form.noun)",
        "use models of one task")
    }
    return models
  }

  private func checkOptions() throws {
    for (model, places) in zip(models, places) {
      for (row, place) in zip(models[0].rows, places) {
        guard let options = row.options, let own = model.rows[place].options,
          ClassJoin.places(of: options, in: own) == nil
        else { continue }
        throw EnsembleError(
          model.source, nil,
          "has the options \(named(own, most: 20)) in the row with id \(row.id.debugDescription), and \(models[0].source) "
            + named(options, most: 20), "predict the same rows")
      }
    }
  }

  /// - Throws: `EnsembleError` where models have other words of a text, or read others of them.
  private func checkWords() throws {
    for (model, places) in zip(models, places) {
      for (row, place) in zip(models[0].rows, places) where model.rows[place].words != row.words {
        throw EnsembleError(
          model.source, nil,
          "has other words in the row with id \(row.id.debugDescription) than \(models[0].source), or reads others of them",
          "predict the same rows, with models that read as many tokens")
      }
    }
  }

  /// What all models say of a row; of labels, as the first table of them writes it.
  var form: PredictionForm { (models.first(where: \.isTable) ?? models[0]).form }

  /// The ids in the order of the first model.
  public var ids: [String] { models[0].rows.map(\.id) }

  /// The true classes, where the first model's file has them all.
  public var truths: [Int]? {
    let truths = models[0].rows.compactMap(\.truth)
    guard truths.count == models[0].rows.count else { return nil }
    guard let order = join.places[0] else { return truths }
    return truths.compactMap { order.firstIndex(of: $0) }
  }

  /// What each model says of one row, in one order of the classes or of the row's options.
  func probabilities(_ row: Int) -> [[Double]] {
    let order = models[0].rows[row].options
    return models.indices.map { model in
      let own = models[model].rows[places[model][row]]
      let places = order.flatMap { ClassJoin.places(of: $0, in: own.options ?? []) } ?? join.places[model]
      return places.map { own.probabilities.reordered(by: $0) } ?? own.probabilities
    }
  }

  /// The thresholds of each model's labels, in one order of the labels; nil where rows have no labels.
  func thresholds() -> [[Double]]? {
    let all = models.indices.compactMap { model -> [Double]? in
      guard case .labels(let own, _) = models[model].form else { return nil }
      return join.places[model].map { $0.map { own[$0] } } ?? own
    }
    return all.isEmpty ? nil : all
  }

  /// The weighted average of the numbers of each row.
  ///
  /// - Parameter weights: one a model, at least one above 0; equal if nil.
  public func average(weights: [Double]? = nil) throws -> [PredictedRow] {
    let weights = try checked(weights)
    let thresholds = thresholds().map { all in
      // Equal thresholds stay what they are, to the bit.
      labels.indices.map { label in
        let own = all.map { $0[label] }
        return own.allSatisfy { $0 == own[0] } ? own[0] : Self.mean(own.map { [$0] }, weights)[0]
      }
    }
    return ids.indices.map { row in
      let numbers = mean(row, weights)
      return predicted(row, place: numbers.largestIndex ?? 0, numbers, thresholds: thresholds)
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
    guard form == .values else { return Self.mean(probabilities(row), weights) }
    // Shares of the whole weight: no sum of values overflows.
    let total = weights.reduce(0, +)
    return probabilities(row).enumerated().reduce(into: labels.map { _ in 0.0 }) { sums, model in
      for index in sums.indices { sums[index] += model.element[index] * (weights[model.offset] / total) }
    }
  }

  private static func mean(_ models: [[Double]], _ weights: [Double]) -> [Double] {
    let total = weights.reduce(0, +)
    let sums = zip(models, weights).reduce(into: models[0].map { _ in 0.0 }) { sums, share in
      for index in sums.indices { sums[index] += share.0[index] * share.1 }
    }
    return sums.map { $0 / total }
  }
}
