import Data
import Layers
import Models
import Tensors

/// What is minimised on a microbatch: cross entropy, R-Drop, self-distillation, or a sum of several.
///
/// An objective asks `forward` for as many forwards as it compares and gives losses for each of its terms. They are summed,
/// each times its weight, over rows, microbatches and ranks, and divided once, by the weight of the global batch.
public protocol Objective: AnyObject {
  /// Forwards with masks of their own that the objective compares: 1, or 2 for R-Drop.
  var forwards: Int { get }

  func terms(_ forward: Forward) -> [LossTerm]
}

/// One term of an objective on one microbatch: the gradient of `factor × Σ weight × loss` is what is minimised.
///
/// The weights of a row's losses must be the row's own weight together, or the factor must make up for it: a loss a row with the
/// row's weight, or a loss a token with weight 1 where it is labelled and 0 elsewhere, in a dataset whose rows weigh their labelled
/// tokens. A loss of weight 0 must be finite all the same.
public struct LossTerm {
  public let name: String
  /// A loss a row, shape [rows], or as many as there are weights.
  public let losses: Tensor
  /// The weight of each loss; nil for the weights of the microbatch's rows.
  public let weights: [Float]?
  public let factor: Float

  public init(name: String, losses: Tensor, weights: [Float]? = nil, factor: Float = 1) {
    precondition(
      weights.map { $0.count == losses.count } ?? true,
      "\(name): \(weights?.count ?? 0) weights, \(losses.count) losses")
    self.name = name
    self.losses = losses
    self.weights = weights
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
  /// The weights of all rows of the global batch.
  public let weights: [Float]
  /// Their sum, by which every loss is divided.
  public let weight: Double
  /// The labels of all words of the global batch that have scores, -1 of those without one; nil where rows are labelled as a
  /// whole.
  public let wordLabels: (@Sendable () -> [Int32])?

  /// - Parameter weights: nil for rows that all count 1.
  public init(
    step: Int, epoch: Int, labels: [Int32], weights: [Float]? = nil, wordLabels: (@Sendable () -> [Int32])? = nil
  ) {
    precondition(
      weights.map { $0.count == labels.count } ?? true, "\(weights?.count ?? 0) weights, \(labels.count) rows")
    self.step = step
    self.epoch = epoch
    self.labels = labels
    self.wordLabels = wordLabels
    self.weights = weights ?? [Float](repeating: 1, count: labels.count)
    weight = self.weights.reduce(0) { $0 + Double($1) }
  }
}

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
    let (labels, weights) = forward.microbatch.classes
    return scores.map { logits in
      LossTerm(
        name: "cross_entropy",
        losses: forward.pass.crossEntropy(logits, labels: labels, smoothing: smoothing, classWeights: classWeights),
        weights: weights, factor: normalization(forward.context) / Float(scores.count))
    }
  }

  /// The weight of the global batch over that in which classes count too, so that one division by the former gives the mean
  /// weighted by both.
  private func normalization(_ context: StepContext) -> Float {
    guard let classWeights else { return 1 }
    let labels = context.wordLabels?() ?? context.labels
    let weights = context.wordLabels == nil ? context.weights : labels.map { $0 < 0 ? 0 : 1 }
    let total = zip(labels, weights).reduce(0.0) { $0 + Double($1.1) * Double(classWeights[Int(max(0, $1.0))]) }
    return total > 0 ? Float(context.weight / total) : 0
  }
}

extension Microbatch {
  /// The class of each row, or of each word, and the weight of each word's loss; nil where rows have their own. A word without
  /// a class has the weight 0, and the first class.
  public var classes: (labels: [Int32], weights: [Float]?) {
    guard words != nil else { return (labels, nil) }
    return (labels.map { max(0, $0) }, labels.map { $0 < 0 ? 0 : 1 })
  }
}
