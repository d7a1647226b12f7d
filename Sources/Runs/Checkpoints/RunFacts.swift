import Recipes

/// What of a recipe must be the same for a run to go on exactly; more steps or another place to write are allowed.
struct RunFacts: Codable, Equatable {
  var seed: UInt64
  var batchSize: Int
  var microbatch: Int
  var buckets: Int
  var limit: Int?
  var maximumLength: Int
  var precision: String
  var optimizer: String
  var reduction: String
  var statistics: String
  /// All that the recipe says of techniques, optimizer, schedule, clipping and the model's own keys, by path.
  var details: [String: String]?
  /// The figure that chooses the best model; nil in checkpoints of programs that did not say.
  var best: String?

  init(_ recipe: Recipe) {
    seed = recipe.seed
    batchSize = recipe.batch.size
    microbatch = recipe.batch.microbatch
    buckets = recipe.batch.buckets
    limit = recipe.data.limit
    maximumLength = recipe.data.maximumLength
    precision = recipe.precision.rawValue
    optimizer = recipe.optimizer.kind.rawValue
    reduction = recipe.reduction.description
    statistics = recipe.model.statistics.rawValue
    best =
      (recipe.evaluate.best ?? recipe.evaluate.metrics?.first ?? "usual")
      + (recipe.evaluate.positive.map { " of class \($0)" } ?? "")
    details = recipe.values.filter { Self.isDetail($0.key, $0.value) }
  }

  /// Whether a value changes what is computed and is not itself a fact; files may lie elsewhere than before,
  /// and recomputed layers give the same bits.
  private static func isDetail(_ path: String, _ value: String) -> Bool {
    let own = [
      "optimizer.kind", "optimizer.sharded", "model.statistics", "model.from", "model.vocabulary", "model.recompute",
    ]
    let sections = ["data.windows", "task", "techniques", "optimizer", "schedule", "clip", "model", "numerics"]
    let isOff = path.hasPrefix("techniques.") && value == "false" && path.split(separator: ".").count == 2
    return sections.contains { path == $0 || path.hasPrefix($0 + ".") } && !own.contains(path) && !isOff
  }

  /// The first fact that differs, as text.
  func difference(from saved: RunFacts) -> String? {
    let pairs: [(String, String, String)] = [
      ("seed", "\(saved.seed)", "\(seed)"), ("batch.size", "\(saved.batchSize)", "\(batchSize)"),
      ("batch.microbatch", "\(saved.microbatch)", "\(microbatch)"), ("batch.buckets", "\(saved.buckets)", "\(buckets)"),
      ("data.limit", "\(saved.limit ?? 0)", "\(limit ?? 0)"),
      ("data.maximum_length", "\(saved.maximumLength)", "\(maximumLength)"),
      ("precision", saved.precision, precision), ("optimizer.kind", saved.optimizer, optimizer),
      ("reduction", saved.reduction, reduction), ("model.statistics", saved.statistics, statistics),
    ]
    let difference = pairs.first { $0.1 != $0.2 }.map { "\($0.0) was \($0.1) and is now \($0.2)" }
    return difference ?? detailDifference(from: saved)
  }

  private func detailDifference(from saved: RunFacts) -> String? {
    guard let details, let before = saved.details else { return nil }
    let paths = Set(details.keys).union(before.keys).sorted()
    return paths.first { details[$0] != before[$0] }.map {
      "\($0) was \(before[$0] ?? "not given") and is now \(details[$0] ?? "not given")"
    }
  }
}
