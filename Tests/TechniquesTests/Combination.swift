import Collectives
import DataParallel
import Models
import Optimizers
import Recipes
import TestSupport
import Training

/// One or two techniques together, as a recipe has them.
struct Combination: Sendable, CustomStringConvertible {
  struct Technique: Sendable {
    var key: String
    /// What a recipe has behind the key.
    var text: String

    init(_ key: String, _ text: String) {
      self.key = key
      self.text = text
    }
  }

  var techniques: [Technique]
  /// The `model_type` of the encoder that is trained.
  var family = "bert"

  /// One of each, with keys that matter in runs of 6 steps, 3 an epoch. Lookahead is not of this section.
  static let each = [
    Technique("label_smoothing", "{epsilon: 0.1}"),
    Technique("class_weights", "balanced"),
    Technique("focal_loss", "{gamma: 2, weights: [1, 2, 3]}"),
    Technique("r_drop", "{alpha: 1}"),
    Technique("self_distillation", "{decay: 0.9}"),
    Technique("multi_sample_dropout", "{average: logits}"),
    Technique("fgm", "{epsilon: 0.5}"),
    Technique("pgd", "{epsilon: 0.4, alpha: 0.3, steps: 2}"),
    Technique("freelb", "{epsilon: 0.4, alpha: 0.3, steps: 3}"),
    Technique("awp", "{epsilon: 0.02, start_epoch: 1}"),
    Technique("ema", "{decay: 0.9, start: 2}"),
    Technique("swa", "{start: 2, learning_rate: 2.0e-4, anneal: {steps: 2, kind: linear}}"),
    Technique("freeze", "[{paths: [bert.embeddings, bert.encoder.layer.0], until_step: 2}]"),
    Technique("lookahead", ""),
  ]

  /// The same with other choices.
  static let variants = [
    Technique("class_weights", "[1, 0.5, 3]"),
    Technique("r_drop", "{alpha: 0.1, reduction: sum}"),
    Technique("self_distillation", "{last: 3}"),
    Technique("multi_sample_dropout", "{average: losses}"),
    Technique("fgm", "{epsilon: 0.5, scope: example}"),
    Technique("pgd", "{epsilon: 0.4, alpha: 0.3, steps: 2, scope: example}"),
    Technique("pgd", "{steps: 2, target: classifier.weight}"),
    Technique("freelb", "{epsilon: 0.4, alpha: 0.3, steps: 3, scope: example}"),
    Technique("freelb", "{steps: 2, target: classifier.weight}"),
    Technique("awp", "{epsilon: 0.02, start_epoch: 0, steps: 2, mode: add, vectors: true}"),
    Technique("ema", "{decay: 0.9, warm: true}"),
    Technique("swa", "{start: 1, every: 2}"),
    Technique("swa", "{start: 1, unit: epoch}"),
    Technique("freeze", "[{paths: [classifier], from_epoch: 1}, {paths: [bert.pooler], until_epoch: 1}]"),
  ]

  /// What cannot be combined: adversaries with each other, focal loss with what belongs to the cross entropy.
  static let excluded: [Set<String>] = [
    ["fgm", "pgd"], ["fgm", "freelb"], ["fgm", "awp"], ["pgd", "freelb"], ["pgd", "awp"], ["freelb", "awp"],
    ["focal_loss", "label_smoothing"], ["focal_loss", "class_weights"],
  ]

  static let singles = (each + variants).map { Combination(techniques: [$0]) }

  /// All pairs that may be combined: 83.
  static let pairs = each.indices.flatMap { first in
    each[(first + 1)...].filter { !excluded.contains([each[first].key, $0.key]) }.map {
      Combination(techniques: [each[first], $0])
    }
  }

  /// As many at once as may be combined.
  static let most = [
    [
      "label_smoothing", "class_weights", "r_drop", "self_distillation", "multi_sample_dropout", "fgm", "ema", "swa",
      "freeze", "lookahead",
    ],
    ["focal_loss", "r_drop", "self_distillation", "multi_sample_dropout", "awp", "ema", "swa", "freeze", "lookahead"],
  ].map { keys in Combination(techniques: each.filter { keys.contains($0.key) }) }

  /// The same techniques with another encoder.
  func training(_ family: String) -> Combination { Combination(techniques: techniques, family: family) }

  var description: String {
    (family == "bert" ? "" : family + ": ")
      + techniques.map { $0.text.isEmpty ? $0.key : "\($0.key): \($0.text)" }.joined(separator: ", ")
  }

  private func has(_ key: String) -> Bool { techniques.contains { $0.key == key } }

  /// The recipe's section `techniques`.
  var recipe: String {
    let text = techniques.filter { !$0.text.isEmpty }.map { "\($0.key): \($0.text)" }.joined(separator: ", ")
    return (Self.paths[family] ?? []).reduce("{" + text + "}") { $0.replacing($1.bert, with: $1.own) }
  }

  /// What other families call the parts of BERT that are frozen.
  private static let paths = [
    "deberta-v2": [
      (bert: "bert.embeddings", own: "deberta.embeddings"), (bert: "bert.encoder.layer", own: "deberta.encoder.layer"),
      (bert: "bert.pooler", own: "pooler"),
    ],
    "modernbert": [
      (bert: "bert.embeddings", own: "model.embeddings"), (bert: "bert.encoder.layer", own: "model.layers"),
      (bert: "bert.pooler", own: "head"),
    ],
  ]

  /// The optimizers beneath a Lookahead.
  enum Rule: Sendable, CaseIterable { case adamW, sgd }

  /// - Parameter place: the rank whose part of the weights the optimizer updates, and of how many; nil for all of them.
  func parts(microbatch: Int, rule: Rule = .adamW, place: (rank: Int, ranks: Int)? = nil) throws -> TrainingParts {
    let samples = has("multi_sample_dropout") ? [0.1, 0.3] : nil
    var parts = try tiny(microbatch: microbatch, samples: samples)
    try parts.install(recipe, totalSteps: 6, dropoutSamples: samples?.count ?? 1)
    let layout = parts.state.layout
    parts.shards = place.map { OptimizerShards(layout, rank: $0.rank, of: $0.ranks) }
    let range = parts.shards?.own
    parts.optimizer = rule == .sgd ? SGD(layout: layout, range: range) : AdamW(layout: layout, range: range)
    if has("lookahead") {
      parts.optimizer = Lookahead(
        parts.optimizer, weights: parts.state.weights, range: range, interval: 2, fraction: 0.5)
    }
    return parts
  }

  private func tiny(microbatch: Int, samples: [Double]?) throws -> TrainingParts {
    guard family != "bert" else {
      return try TinyBert.parts(microbatch: microbatch, multiSampleDropout: samples, learningRate: 3e-4)
    }
    guard let type = EncoderFamilies.family(of: family) else { preconditionFailure("no family has \(family)") }
    return try TinyEncoder.parts(
      of: try TinyEncoder.member(of: type), microbatch: microbatch, multiSampleDropout: samples, learningRate: 3e-4)
  }
}

/// What a run of six steps came to: its losses, and the weights and averages of rank 0.
///
/// Key biases are kept apart: their true gradient is zero, and Adam makes steps of what rounding leaves of it.
struct Outcome: Sendable, Equatable {
  var losses: [Double]
  var weights: [Float] = []
  var averages: [Float] = []
  var keyBiases: [Float] = []

  /// Trains on ranks that are threads; all ranks must end with the same weights.
  static func run(
    ranks: Int, reduction: Recipe.Reduction, parts: @escaping @Sendable () throws -> TrainingParts
  ) throws -> Outcome {
    let everyone = try Ranks.run(ranks) { group in
      let trainer = Trainer(
        parts: try parts(), settings: TrainingSettings(seed: 3, totalSteps: 6),
        replicas: DataParallelGroup(group, reduction: reduction))
      let losses = try (0..<6).map { _ in try trainer.advance().loss }
      return Outcome(trainer, losses: losses)
    }
    guard everyone.allSatisfy({ $0.weights == everyone[0].weights && $0.losses == everyone[0].losses }) else {
      throw RanksDiffer()
    }
    return everyone[0]
  }

  init(_ trainer: Trainer, losses: [Double]) {
    self.losses = losses
    for slice in trainer.state.layout.slices {
      let values = trainer.state.weights[slice.name]!
      if slice.name.hasSuffix("key.bias") || slice.name.hasSuffix("pos_key_proj.bias") {
        keyBiases += values
      } else {
        weights += values
        averages += trainer.averages.compactMap { $0.averages?.weights[slice.name] }.joined()
      }
    }
  }

  /// The largest relative difference of a loss.
  func lossDifference(from other: Outcome) -> Double { GoldenRun.largestRelativeError(losses, other.losses) }

  /// The largest difference of a weight or an averaged weight; they are of the order of 1.
  func weightDifference(from other: Outcome) -> Float {
    guard weights.count == other.weights.count, averages.count == other.averages.count else { return .infinity }
    return zip(weights + averages, other.weights + other.averages).map { abs($0 - $1) }.max() ?? .infinity
  }

  struct RanksDiffer: Error {}
}
