import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Recipes
import Tasks
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// A few steps on rows that count differently, by the trainer and by a twin that knows neither microbatches nor ranks.
struct WeightedRecipe: Sendable, CustomTestStringConvertible {
  var name: String
  var smoothing: Float = 0
  var classWeights: [Float]?
  /// Of R-Drop; nil without it.
  var alpha: Double?
  /// Of FGM; nil without it.
  var fgm: Double?

  var testDescription: String { name }

  static let all = [
    WeightedRecipe(name: "plain"), WeightedRecipe(name: "label smoothing", smoothing: 0.1),
    WeightedRecipe(name: "class weights", classWeights: [0.5, 2, 1]), WeightedRecipe(name: "R-Drop", alpha: 0.7),
    WeightedRecipe(name: "FGM", fgm: 0.5), WeightedRecipe(name: "all", smoothing: 0.1, alpha: 0.7, fgm: 0.5),
  ]

  private static let learningRate = 0.05
  private static let seed: UInt64 = 7
  /// Two batches of 20 rows and one of 4.
  private static let rowCount = 44

  func parts(microbatches: Int, isWeighted: Bool = true) throws -> TrainingParts {
    var parts = try TinyBert.parts(microbatch: 2, dropout: alpha == nil ? 0 : 0.1)
    let rows = TokenRows(random: Self.rowCount, vocabulary: 40, labels: 3, seed: 6)
    let weights = (0..<Self.rowCount).map { [1, 7, 0, 0.25, 31, 2.5][$0 % 6] as Float }
    parts.dataset = isWeighted ? WeightedRows(rows, weights: weights) : rows
    parts.plan = try BatchPlan(
      rowCount: Self.rowCount, batchSize: 20, microbatchSize: 20 / microbatches, seed: Self.seed)
    // Not Adam, which makes whole steps of the rounding in gradients that are zero but for it.
    parts.optimizer = SGD(layout: parts.state.layout, momentum: 0)
    (parts.learningRate, parts.weightDecay, parts.clip) = ({ _ in Self.learningRate }, 0, nil)
    let entropy = CrossEntropy(smoothing: smoothing, classWeights: classWeights)
    parts.objective = alpha.map { ObjectiveSum([entropy, RDrop(alpha: $0, task: SingleLabel(classes: 3))]) } ?? entropy
    parts.adversary = fgm.map { FGM(epsilon: $0, targets: Self.targets(parts)) }
    return parts
  }

  private static func targets(_ parts: TrainingParts) -> [Parameter] {
    parts.state.parameters.filter { $0.name.contains("word_embeddings") }
  }

  func train(ranks: Int, microbatches: Int, _ reduction: Recipe.Reduction = .ordered) throws -> Outcome {
    try Ranks.run(ranks) { group in
      try Outcome(parts(microbatches: microbatches), ranks: DataParallelGroup(group, reduction: reduction))
    }[0]
  }

  struct Outcome: Equatable, Sendable {
    var losses: [Double] = []
    var weights: [Float] = []

    init() {}

    /// - Parameter ranks: nil for one process.
    init(_ parts: TrainingParts, ranks: DataParallelGroup?) throws {
      let steps = parts.plan.stepsPerEpoch
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: WeightedRecipe.seed, totalSteps: steps),
        replicas: ranks ?? DataParallelGroup(SoloGroup()))
      losses = try (0..<steps).map { _ in try trainer.advance().loss }
      weights = Array(parts.state.weights.values)
    }
  }

  /// The same by hand: the whole batch at once, every row's loss times its weight, divided by all weights.
  func twin(isWeighted: Bool = true) throws -> Outcome {
    let parts = try parts(microbatches: 1, isWeighted: isWeighted)
    let state = parts.state
    let (clean, other) = (Arena(layout: state.layout), Arena(layout: state.layout))
    var outcome = Outcome()
    for step in 0..<parts.plan.stepsPerEpoch {
      let rows = parts.plan.step(step).rows
      outcome.losses.append(loss(of: rows, parts, step: step, gradient: clean))
      if let fgm {
        for target in Self.targets(parts) {
          let (values, slope) = (state.weights[target.name]!, clean[target.name]!)
          let norm = slope.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
          let kept = Array(values)
          for index in values.indices { values[index] += Float(fgm * Double(slope[index]) / norm) }
          _ = loss(of: rows, parts, step: step, gradient: other)
          for index in values.indices { values[index] = kept[index] }
        }
        clean.add(other)
      }
      for index in 0..<clean.count {
        state.weights.values[index] -= Float(Self.learningRate) * clean.values[index]
      }
    }
    outcome.weights = Array(state.weights.values)
    return outcome
  }

  private func loss(of rows: [Int], _ parts: TrainingParts, step: Int, gradient: Arena) -> Double {
    let microbatch = parts.dataset.microbatch(rows: rows, positions: 0..<rows.count)
    let weights = rows.map { Double(parts.dataset.weight($0)) }
    let entropies = rows.enumerated().map { index, row in
      weights[index] * Double(classWeights?[Int(parts.dataset.label(row))] ?? 1)
    }
    let (tape, engine) = (Tape(), Engine(threads: 1))
    let passes = (0..<(alpha == nil ? 1 : 2)).map { number in
      Pass(
        engine: engine, mode: .training, tape: tape,
        randomness: Pass.Randomness(seed: Self.seed, step: step, pass: number), rows: microbatch.rows)
    }
    parts.state.beginGradients(in: gradient)
    var total = 0.0
    func add(_ losses: Tensor, _ weights: [Double], times factor: Double) {
      let sum = weights.reduce(0, +)
      let slot = losses.gradientSlot()
      for (index, weight) in weights.enumerated() {
        total += factor * weight * Double(losses.values[index]) / sum
        slot.pointer[index] = Float(factor * weight / sum)
      }
    }
    let scores = passes.map { parts.model(microbatch, $0)[0] }
    for logits in scores {
      let losses = passes[0].crossEntropy(
        logits, labels: microbatch.labels, smoothing: smoothing, classWeights: nil)
      add(losses, entropies, times: 1 / Double(scores.count))
    }
    if let alpha { add(passes[0].symmetricKL(scores[0], scores[1]), weights, times: alpha) }
    tape.backward()
    parts.state.endGradients()
    return total
  }
}
