import Support
import Tensors

/// A rule that moves weights against their gradient, with whatever it remembers between steps.
///
/// One call is one committed step: a step that is skipped (an overflow in fp16) is not a call. All state is in `state` and
/// `counters`; restoring both and calling `step` gives the bits of an uninterrupted run.
public protocol Optimizer: AnyObject {
  /// Updates the trainable tensors of `groups` in place.
  ///
  /// - Parameters:
  ///   - weights: an arena of the layout the optimizer was made for.
  ///   - gradients: the summed gradient, same layout; it is only read.
  ///   - learningRate: of this step, before the factors of the groups.
  ///   - gradientFactor: the gradient is read as `gradient * gradientFactor`. Division by the summed weight, unscaling and
  ///     clipping are one factor, so that they cost no pass over memory.
  func step(
    weights: Arena, gradients: Arena, learningRate: Double, gradientFactor: Float, groups: ParameterGroups)

  /// What is kept of the direction from one step to the next: SGD's momentum, AdamW's first beta. A schedule may move it
  /// before each step; it is a function of the step, and so not part of the state.
  var momentum: Double { get set }

  /// What a checkpoint must hold, by name; loading writes into these arenas. They hold the elements that are updated here.
  var state: [(name: String, arena: Arena)] { get }

  /// The integers a checkpoint must hold.
  var counters: [String: Int] { get }

  /// Takes back `counters` of a checkpoint.
  func restore(counters: [String: Int]) throws(OptimizerStateError)
}

/// Counters of a checkpoint that this optimizer cannot go on from.
public struct OptimizerStateError: ClassifiedError, Equatable, CustomStringConvertible {
  public let counter: String
  /// What the checkpoint holds, nil where it has no such counter.
  public let value: Int?

  public init(counter: String, value: Int?) {
    self.counter = counter
    self.value = value
  }

  public var exitClass: ExitClass { .disk }

  public var description: String {
    let found = value.map { "is \($0)" } ?? "is missing"
    return "the optimizer's counter '\(counter)' \(found) in this checkpoint: "
      + "it was written by another kind of optimizer or is damaged; "
      + "restore the optimizer of the recipe, or resume from an older checkpoint"
  }

  /// The named counter, which must be there and not negative.
  public static func read(_ counter: String, from counters: [String: Int]) throws(OptimizerStateError) -> Int {
    guard let value = counters[counter], value >= 0 else {
      throw OptimizerStateError(counter: counter, value: counters[counter])
    }
    return value
  }
}
