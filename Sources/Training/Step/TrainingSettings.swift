import Recipes
import Scores
import Tensors

/// How long a run is, when it looks at itself and when it saves.
public struct TrainingSettings: Sendable {
  public var seed: UInt64
  public var totalSteps: Int
  public var precision = Precision.fp32
  public var threads = 1
  /// Whether backward passes compute the layers of encoders again, of which they then need the inputs alone.
  public var recomputesLayers = false
  /// Steps between evaluations; nil for the end of each epoch.
  public var evaluateEvery: Int?
  public var evaluationBatch = 64
  /// Nil for those that are usual for the task.
  public var measures: [Measure]?
  /// A measure's name, or `loss`; nil for the first of the measures.
  public var best: String?
  public var patience: Int?
  /// Which weights are evaluated, where there are averages.
  public var evaluatedWeights = EvaluatedWeights.both
  /// Steps between comparisons of what the ranks hold; 0 for none.
  public var compareReplicasEvery = VerifyRecipe.usualInterval

  public init(seed: UInt64, totalSteps: Int) {
    self.seed = seed
    self.totalSteps = totalSteps
  }
}

extension TrainingSettings {
  /// The measures of each evaluation of a task.
  package func measures(of task: any LearningTask) -> [Measure] {
    // A tuned task has its own measures under the names that its recipe chose.
    guard task.isTuned, let measures else { return measures ?? task.usualMeasures.compactMap(task.measures.named) }
    return measures.map { task.measures.named($0.name) ?? $0 }
  }

  /// The name of the measure that chooses the best model, or `loss`.
  package func best(of task: any LearningTask) -> String { best ?? measures(of: task).first?.name ?? "loss" }
}
