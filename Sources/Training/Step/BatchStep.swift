import Data
import Layers
import Models
import Support
import Tensors

/// A user's own step: the body of `Trainer.advance(batchStep:)`.
///
/// Any number of forwards and backwards, then one `step()`, then `zeroGradients()`; the same calls on every rank:
///
///     try trainer.advance { batch in
///       let loss = batch.forward { forward in … }
///       try batch.backward(loss)
///       try batch.step()
///       try batch.zeroGradients()
///     }
///
/// A forward is a description; `backward` runs it microbatch by microbatch, so that memory holds one microbatch at a
/// time, and adds the gradient of the whole global batch, reduced over all ranks. An illegal order of calls throws
/// `BatchStepError`, which says which call is missing.
public final class BatchStep {
  /// What a forward computes, not yet run.
  public struct Loss {
    let objective: any Objective
  }

  /// Facts of the global batch, the same on every rank.
  public let context: StepContext
  /// The sum of gradients so far, over all rows of the global batch: divide by `normalizer` for the mean.
  public let gradients: Arena
  /// The weight of the global batch: the number of its rows, where each counts 1.
  public let normalizer: Double

  private enum Phase { case cleared, filled, stepped, finished }

  private var phase = Phase.cleared
  private let defaultObjective: any Objective
  private let evaluate: (any Objective, Arena) throws -> Double
  private let scratch: Arena
  private let update: () throws -> Void

  init(
    context: StepContext, gradients: Arena, scratch: Arena, normalizer: Double, objective: any Objective,
    evaluate: @escaping (any Objective, Arena) throws -> Double, update: @escaping () throws -> Void
  ) {
    self.context = context
    self.gradients = gradients
    self.scratch = scratch
    self.normalizer = normalizer
    defaultObjective = objective
    self.evaluate = evaluate
    self.update = update
  }

  /// A forward under the trainer's own objective.
  public func forward() -> Loss { Loss(objective: defaultObjective) }

  /// A forward whose loss is the sum of `terms`; `passes` of it, each with its own dropout masks.
  public func forward(passes: Int = 1, _ terms: @escaping (Forward) -> [LossTerm]) -> Loss {
    precondition(passes >= 1, "a forward has at least one pass, not \(passes)")
    return Loss(objective: ClosureObjective(forwards: passes, body: terms))
  }

  /// Runs a forward and its backward at the present weights, and adds the gradient to what is there.
  /// - Returns: the mean loss over the global batch.
  @discardableResult
  public func backward(_ loss: Loss) throws -> Double {
    switch phase {
    case .stepped, .finished: throw BatchStepError.stale
    case .cleared:
      let mean = try evaluate(loss.objective, gradients)
      phase = .filled
      return mean
    case .filled:
      let mean = try evaluate(loss.objective, scratch)
      gradients.add(scratch)
      return mean
    }
  }

  /// Divides, clips and applies the gradient: the one committed update of this step.
  public func step() throws {
    switch phase {
    case .cleared: throw BatchStepError.missing("backward", before: "step")
    case .stepped, .finished: throw BatchStepError.repeated
    case .filled:
      try update()
      phase = .stepped
    }
  }

  /// Forgets the gradient; before `step()` this begins the step's gradient anew.
  public func zeroGradients() throws {
    switch phase {
    case .cleared, .filled: phase = .cleared
    case .stepped, .finished: phase = .finished
    }
  }

  /// - Throws: `BatchStepError` where the body ended without its one update, or without clearing its gradients.
  func finish() throws {
    switch phase {
    case .cleared, .filled: throw BatchStepError.missing("step", before: "the end of the batch")
    case .stepped: throw BatchStepError.missing("zeroGradients", before: "the end of the batch")
    case .finished: return
    }
  }
}

/// A step of a user's own that is not one.
public enum BatchStepError: ClassifiedError, Equatable, CustomStringConvertible {
  case missing(String, before: String)
  case repeated
  case stale

  public var exitClass: ExitClass { .fault }

  public var description: String {
    switch self {
    case .missing(let call, let place): "batchStep: \(call)() is missing before \(place); call it on every rank"
    case .repeated: "batchStep: step() is called twice for one batch; call it once, after the last backward"
    case .stale: "batchStep: backward() after step(); zeroGradients() is missing, or the order is wrong"
    }
  }
}

/// An objective written as a closure.
private final class ClosureObjective: Objective {
  let forwards: Int
  let body: (Forward) -> [LossTerm]

  init(forwards: Int, body: @escaping (Forward) -> [LossTerm]) {
    self.forwards = forwards
    self.body = body
  }

  func terms(_ forward: Forward) -> [LossTerm] { body(forward) }
}
