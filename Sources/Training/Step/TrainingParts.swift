import Data
import Layers
import Scores
import Models
import Optimizers
import Tensors

/// What a run is put together from: a model, its data and the techniques, none of which the trainer knows by name.
public struct TrainingParts {
  public var model: any Classifier
  public var state: ModelState
  public var dataset: any Dataset
  public var validation: (any Dataset)?
  public var plan: BatchPlan
  public var task: any LearningTask
  public var objective: any Objective
  public var adversary: (any Adversary)?
  public var averages: [any Average] = []
  /// Which images batch norms normalise together in training.
  public var statistics = StatisticsScope.microbatch
  /// What is frozen at a committed step, from 0; nil where nothing ever is.
  public var frozenPaths: ((Int) -> [String])?
  /// The committed steps at which `frozenPaths` may change.
  public var freezingChanges = [0]
  public var optimizer: any Optimizer
  /// The parts of the weights that ranks update, of which `optimizer` holds this rank's; nil where each rank updates all.
  public var shards: OptimizerShards?
  /// The learning rate used at a committed step, from 0.
  public var learningRate: (Int) -> Double
  /// The optimizer's momentum at a committed step, from 0; nil where it stays what it is.
  public var momentum: ((Int) -> Double)?
  public var weightDecay: Double = 0
  /// What has no weight decay.
  public var undecayed: Set<Parameter.Kind> = [.bias, .normalization]
  /// Largest norm of the reduced gradient.
  public var clip: Clipping?
  public var scaler: GradientScaler?

  public init(
    model: any Classifier, state: ModelState, dataset: any Dataset, task: any LearningTask, plan: BatchPlan,
    optimizer: any Optimizer, learningRate: @escaping (Int) -> Double
  ) {
    self.model = model
    self.state = state
    self.dataset = dataset
    self.plan = plan
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.task = task
    objective = TaskObjective(task)
  }
}

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
