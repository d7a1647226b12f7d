import Data
import Layers
import Models
import Tensors

/// What is minimised on a microbatch: cross entropy, R-Drop, self-distillation, or a sum of several.
///
/// An objective asks `forward` for as many forwards as it compares and gives one loss a row for each of its terms. Losses
/// are summed over rows, microbatches and ranks and divided once, by the rows of the global batch.
public protocol Objective: AnyObject {
  /// Forwards with masks of their own that the objective compares: 1, or 2 for R-Drop.
  var forwards: Int { get }

  func terms(_ forward: Forward) -> [LossTerm]
}

/// One term of an objective on one microbatch: the gradient of `factor × sum(rows)` is what is minimised.
public struct LossTerm {
  public let name: String
  /// One value a row, shape [rows].
  public let rows: Tensor
  public let factor: Float

  public init(name: String, rows: Tensor, factor: Float = 1) {
    self.name = name
    self.rows = rows
    self.factor = factor
  }
}

/// Facts of the global batch that an objective may need, the same on every rank.
public struct StepContext: Sendable {
  /// The committed step, from 0.
  public let step: Int
  public let epoch: Int
  /// The labels of all rows of the global batch.
  public let labels: [Int32]

  public init(step: Int, epoch: Int, labels: [Int32]) {
    self.step = step
    self.epoch = epoch
    self.labels = labels
  }
}

/// The forwards of one microbatch, each run when it is first asked for and taped for the backward pass.
public final class Forward {
  public let microbatch: Microbatch
  public let context: StepContext
  /// How many forwards the objective as a whole compares.
  public let count: Int
  public let pass: Pass

  private let model: any Classifier
  private let state: ModelState
  private let makePass: (Int) -> Pass
  private var scores: [Int: [Tensor]] = [:]

  init(
    model: any Classifier, state: ModelState, microbatch: Microbatch, context: StepContext, count: Int,
    makePass: @escaping (Int) -> Pass
  ) {
    self.model = model
    self.state = state
    self.microbatch = microbatch
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

/// The sum of several objectives over the same forwards.
public final class ObjectiveSum: Objective {
  let parts: [any Objective]

  public init(_ parts: [any Objective]) { self.parts = parts }

  public var forwards: Int { parts.map(\.forwards).max() ?? 1 }
  public func terms(_ forward: Forward) -> [LossTerm] { parts.flatMap { $0.terms(forward) } }
}

/// Cross entropy, averaged over forwards and dropout samples: what is minimised where a recipe names nothing else.
public final class CrossEntropy: Objective {
  /// Share of the probability spread over all classes (Szegedy et al. 2015).
  let smoothing: Float
  /// A weight a class; the mean is then weighted, as PyTorch's.
  let classWeights: [Float]?

  public init(smoothing: Float = 0, classWeights: [Float]? = nil) {
    self.smoothing = smoothing
    self.classWeights = classWeights
  }

  public var forwards: Int { 1 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    let scores = forward.allScores
    return scores.map { logits in
      LossTerm(
        name: "cross_entropy",
        rows: forward.pass.crossEntropy(
          logits, labels: forward.microbatch.labels, smoothing: smoothing, classWeights: classWeights),
        factor: normalization(forward.context.labels) / Float(scores.count))
    }
  }

  /// Rows over the sum of their weights in the global batch, so that one division by the rows gives the weighted mean.
  private func normalization(_ labels: [Int32]) -> Float {
    guard let classWeights else { return 1 }
    let total = labels.reduce(0.0) { $0 + Double(classWeights[Int($1)]) }
    return total > 0 ? Float(Double(labels.count) / total) : 0
  }
}
