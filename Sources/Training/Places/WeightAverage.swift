import Layers
import Tensors

/// What becomes of the weights over time: EMA, SWA, a teacher.
public protocol WeightAverage: Checkpointable {
  /// `ema`, `swa`, `teacher`: the name in metrics and of the model folder.
  var name: String { get }

  /// True where every rank keeps the average (a teacher's scores are part of each forward); false where rank 0 alone does
  /// and hands it out for evaluation.
  var isOnEveryRank: Bool { get }

  /// Whether there is an average after `steps` committed steps: a pure function, so that all ranks agree.
  func hasStarted(after steps: Int) -> Bool

  /// Called before the first step with 0, and after each committed step, `steps` counting it.
  func update(after steps: Int, from state: ModelState)

  /// The averaged weights and running states, nil before the start or where this rank does not keep them.
  var averages: (weights: Arena, buffers: Arena)? { get }

  /// How batch norms get running statistics for the averaged weights when these are evaluated or exported.
  var refresh: StatisticsRefresh { get }
}

extension WeightAverage {
  public var refresh: StatisticsRefresh { .none }
}

/// Something whose state must survive a restart, bit for bit.
public protocol Checkpointable: AnyObject {
  /// Counters and scalars by name. Setting them also makes the arenas exist that go with them.
  var checkpointValues: [String: Double] { get set }

  /// Arenas by name, to be saved or to be filled.
  var checkpointArenas: [(name: String, arena: Arena)] { get }
}
