/// Recipe section `optimizer`.
public struct OptimizerRecipe {
  public enum Kind: String, Sendable, CaseIterable { case adamw, sgd }

  public struct LookaheadRecipe {
    public var steps: Int
    public var alpha: Double
  }

  public var kind: Kind
  public var learningRate: Double
  public var weightDecay: Double
  public var betas: (Double, Double)
  public var epsilon: Double
  public var biasCorrection: Bool
  public var momentum: Double
  public var nesterov: Bool
  public var lookahead: LookaheadRecipe?
  /// Whether each rank keeps moments of its own part of the weights alone, and updates that part.
  public var isSharded: Bool

  init(_ section: Section) throws {
    let kind = try section.choice("kind", default: Kind.adamw)
    self.kind = kind
    learningRate = try section.number("learning_rate", default: 2e-5, in: 0...1e6)
    weightDecay = try section.number("weight_decay", default: 0.01, in: 0...1e6)
    let pair = try section.numbers("betas", default: [0.9, 0.999])
    guard pair.count == 2, pair.allSatisfy({ (0..<1).contains($0) }) else {
      throw section.error("betas", "is not a pair of numbers from 0 to below 1; write [0.9, 0.999]")
    }
    betas = (pair[0], pair[1])
    epsilon = try section.number("epsilon", default: 1e-8, in: 1e-30...1)
    biasCorrection = try section.boolean("bias_correction", default: true)
    momentum = try section.number("momentum", default: 0.9, in: 0...0.999999)
    nesterov = try section.boolean("nesterov", default: false)
    try section.refuse(
      "betas", "epsilon", "bias_correction", unless: kind == .adamw, "is not read by kind \(kind.rawValue)",
      "take kind adamw")
    try section.refuse(
      "momentum", "nesterov", unless: kind == .sgd, "is not read by kind \(kind.rawValue)", "take kind sgd")
    if nesterov && momentum == 0 { throw section.error("nesterov", "needs a momentum above 0; give one") }
    isSharded = try section.boolean("sharded", default: false)
    if let inner = try section.section("lookahead") {
      lookahead = LookaheadRecipe(
        steps: try inner.integer("steps", default: 5, atLeast: 1),
        alpha: try inner.number("alpha", default: 0.5, in: 1e-6...1))
      try inner.finish()
    }
    try section.finish()
  }
}

/// Recipe section `evaluate`.
public struct EvaluationRecipe {
  /// Steps between evaluations; nil for the end of each epoch.
  public var every: Int?
  /// Nil for those that are usual for the task.
  public var metrics: [String]?
  /// The class of two that f1, precision and recall are of; the second where nil.
  public var positive: String?
  /// The metric by which the best model is chosen; nil for the first of them.
  public var best: String?
  /// Rows computed at once.
  public var batch: Int
  /// Evaluations without improvement after which training stops; nil for never.
  public var patience: Int?
  /// Which weights are evaluated, where a technique averages them.
  public var weights: EvaluatedWeights

  init(_ section: Section) throws {
    every = try section.integer("every", atLeast: 1)
    metrics = try section.strings("metrics")
    positive = try section.string("positive")
    best = try section.string("best")
    batch = try section.integer("batch", default: 64, atLeast: 1, atMost: 65_536)
    patience = try section.integer("patience", atLeast: 1)
    weights = try section.choice("weights", default: .both)
    try section.finish()
  }
}

/// Which weights an evaluation measures. Until an average has begun, the trained weights are all there is.
public enum EvaluatedWeights: String, Sendable, CaseIterable { case raw, averages, both }

/// Recipe section `checkpoint`; `false` for no checkpoint but on request.
public struct CheckpointRecipe {
  /// Steps between checkpoints; nil where time alone decides.
  public var every: Int?
  /// Minutes between checkpoints; nil where steps alone decide.
  public var minutes: Double?
  /// How many of the newest stay; the best one stays, too.
  public var keep: Int
  /// How many of the newest improved models stay in folders of their own.
  public var keepImprovements: Int

  /// Minutes between checkpoints where the recipe names neither steps nor minutes.
  static let usualMinutes = 10.0
  private static let usualCount = 2

  /// - Parameter section: nil where the recipe wants none.
  init(_ section: Section?) throws {
    (keep, keepImprovements) = (Self.usualCount, 0)
    guard let section else { return }
    every = try section.integer("every", atLeast: 1)
    minutes = try section.positive("minutes") ?? (every == nil ? Self.usualMinutes : nil)
    keep = try section.integer("keep", default: Self.usualCount, atLeast: 1)
    keepImprovements = try section.integer("keep_improvements", default: 0, atLeast: 0)
    try section.finish()
  }
}

/// Recipe section `verify`: how a run watches itself.
public struct VerifyRecipe {
  /// Steps between comparisons of what the ranks hold; 0 for none.
  public var replicas: Int

  init(_ section: Section) throws {
    replicas = try section.integer("replicas", default: Self.usualInterval, atLeast: 0)
    try section.finish()
  }

  package static let usualInterval = 50
}
