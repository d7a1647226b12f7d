import Data
import Layers
import Models
import Tensors

/// The forwards of one microbatch, each run when it is first asked for and taped for the backward pass.
public final class Forward {
  public let microbatch: Microbatch
  /// The weights of the microbatch's rows.
  public let weights: [Float]
  public let context: StepContext
  /// How many forwards the objective as a whole compares.
  public let count: Int
  public let pass: Pass
  /// What a batch objective makes of the whole global batch; nil for other objectives.
  let batch: BatchOutcome?

  private let model: any Classifier
  private let state: ModelState
  private let makePass: (Int) -> Pass
  private var scores: [Int: [Tensor]] = [:]

  init(
    model: any Classifier, state: ModelState, microbatch: Microbatch, weights: [Float], context: StepContext,
    count: Int, batch: BatchOutcome? = nil, makePass: @escaping (Int) -> Pass
  ) {
    self.batch = batch
    self.model = model
    self.state = state
    self.microbatch = microbatch
    self.weights = weights
    self.context = context
    self.count = count
    self.makePass = makePass
    pass = makePass(0)
  }

  /// Scores of forward number `index`, one tensor [rows, labels] for each sample of the dropout head.
  public func scores(_ index: Int) -> [Tensor] {
    precondition((0..<count).contains(index), "forward \(index) of \(count)")
    if let known = scores[index] { return known }
    let fresh = model(microbatch, index == 0 ? pass : makePass(index))
    scores[index] = fresh
    return fresh
  }

  /// Every sample of every forward, for terms that average over them.
  public var allScores: [Tensor] { (0..<count).flatMap(scores) }

  /// Scores under other weights, in evaluation mode and without gradient: a teacher's.
  public func scores(under weights: Arena, buffers: Arena?) -> Tensor {
    let quiet = Pass(
      engine: pass.engine, mode: .evaluation, tape: nil, randomness: pass.randomness, rows: pass.rows,
      precision: pass.precision)
    return state.withWeights(weights, buffers: buffers) { model(microbatch, quiet)[0] }
  }
}
