/// The measures of token classification: those of whole entities as seqeval counts them, and of the words.
///
/// An entity counts as found where its words and its type are right. `f1`, `precision` and `recall` are of all entities at
/// once (micro) and lenient; `…_strict` take well-formed entities of the scheme alone. Precision is 0 where nothing is
/// predicted, as in seqeval with zero_division 0.
public enum EntityMeasures {
  /// - Parameters:
  ///   - tags: in the order of the outputs.
  ///   - areChosen: whether the number of the tag that is chosen stands behind the probabilities of each word.
  public static func all(tags: [String], areChosen: Bool = false) -> MeasureList {
    let chosen: @Sendable (ScoredRows) -> ScoredRows = { areChosen ? $0.ofChosenTags : $0 }
    let averages: [(EntityAverage, String)] = [(.micro, ""), (.macro, "_macro"), (.weighted, "_weighted")]
    var measures = [false, true].flatMap { isStrict in
      averages.flatMap { average, suffix in
        [("precision", \EntityScores.precision), ("recall", \EntityScores.recall), ("f1", \EntityScores.f1)].map {
          name, score in
          Measure.ofUsableRows(
            name + suffix + (isStrict ? "_strict" : ""),
            aliases: suffix.isEmpty ? ["\(name)_micro" + (isStrict ? "_strict" : "")] : []
          ) { EntityCounts(chosen($0), tags: tags, isStrict: isStrict).score(average)[keyPath: score] }
        }
      }
    }
    let words = ClassMeasures.all(classes: tags.count)
    measures += ["accuracy", "log_loss"].compactMap(words.named).map { measure in
      Measure(
        name: measure.name, aliases: measure.name == "accuracy" ? ["token_accuracy"] : [],
        isLargerBetter: measure.isLargerBetter
      ) { rows in
        measure.value(measure.name == "accuracy" || !areChosen ? chosen(rows) : rows.ofProbabilities)
      }
    }
    return MeasureList(measures)
  }
}

/// How entities of several types become one score.
enum EntityAverage: String, CaseIterable {
  /// All entities at once.
  case micro
  /// The mean over types.
  case macro
  /// The mean over types, weighted by their entities.
  case weighted
}

/// Precision, recall and F1 of entities.
struct EntityScores {
  let precision: Double
  let recall: Double
  let f1: Double

  init(precision: Double, recall: Double, f1: Double) {
    (self.precision, self.recall, self.f1) = (precision, recall, f1)
  }

  /// - Parameter given: the entities that there are.
  init(found: Int, predicted: Int, given: Int) {
    precision = predicted > 0 ? Double(found) / Double(predicted) : 0
    recall = given > 0 ? Double(found) / Double(given) : 0
    f1 = found > 0 ? 2 * precision * recall / (precision + recall) : 0
  }
}

/// The entities of a type that are given, predicted, and predicted right.
struct EntityCounts {
  struct Count {
    var (found, predicted, given) = (0, 0, 0)
    var scores: EntityScores { EntityScores(found: found, predicted: predicted, given: given) }
  }

  /// By type, in the order of their names; those that are neither given nor predicted are left out.
  let types: [(name: String, count: Count)]

  init(_ rows: ScoredRows, tags: [String], isStrict: Bool) {
    let haveEnds = EntityTags.haveEnds(tags)
    func entities(_ tags: [String]) -> Set<EntitySpan> {
      Set(isStrict ? EntityTags.strictEntities(tags, haveEnds: haveEnds) : EntityTags.entities(tags))
    }
    var counts: [String: Count] = [:]
    let words = ClassRows(rows, classes: tags.count)
    let predictions = words.predictions
    let borders = rows.groups ?? [0, rows.rows]
    var last = 0
    for (start, end) in zip(borders, borders.dropFirst()) {
      // Words without a tag are left out.
      let own = last..<last + (start..<end).count { !rows.targets[$0].isNaN }
      last = own.upperBound
      let given = entities(words.labels[own].map { tags[$0] })
      let predicted = entities(predictions[own].map { tags[$0] })
      for entity in given { counts[entity.type, default: Count()].given += 1 }
      for entity in predicted { counts[entity.type, default: Count()].predicted += 1 }
      for entity in given.intersection(predicted) { counts[entity.type, default: Count()].found += 1 }
    }
    types = counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }

  /// All types together.
  var total: Count {
    types.reduce(into: Count()) {
      $0.found += $1.count.found
      $0.predicted += $1.count.predicted
      $0.given += $1.count.given
    }
  }

  func score(_ average: EntityAverage) -> EntityScores {
    guard average != .micro else { return total.scores }
    // A mean over no type is undefined, as seqeval's is.
    guard !types.isEmpty || average == .weighted else { return EntityScores(precision: .nan, recall: .nan, f1: .nan) }
    let weights = types.map { average == .macro ? 1.0 : Double($0.count.given) }
    let sum = weights.reduce(0, +)
    func mean(_ score: KeyPath<EntityScores, Double>) -> Double {
      sum > 0 ? zip(types, weights).reduce(0) { $0 + $1.0.count.scores[keyPath: score] * $1.1 } / sum : 0
    }
    return EntityScores(precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1))
  }
}

extension ClassReport {
  /// The report of token classification: each type of entity, as seqeval's.
  ///
  /// - Parameters:
  ///   - tags: in the order of the outputs.
  ///   - areChosen: whether the number of the tag that is chosen stands behind the probabilities of each word.
  public init(entitiesOf rows: ScoredRows, tags: [String], areChosen: Bool = false) {
    let counts = EntityCounts(areChosen ? rows.ofChosenTags : rows, tags: tags, isStrict: false)
    func row(_ name: String, _ scores: EntityScores, _ support: Int) -> Row {
      Row(name: name, precision: scores.precision, recall: scores.recall, f1: scores.f1, support: support)
    }
    classes = counts.types.map { row($0.name, $0.count.scores, $0.count.given) }
    accuracy = nil
    averages = EntityAverage.allCases.map { row("\($0.rawValue) avg", counts.score($0), counts.total.given) }
  }
}
