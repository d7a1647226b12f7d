import Data
import DataParallel
import Layers
import Models
import Optimizers
import Recipes
import Scores
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
  public var averages: [any WeightAverage] = []
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
