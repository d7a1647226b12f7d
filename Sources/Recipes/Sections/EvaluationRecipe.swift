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
