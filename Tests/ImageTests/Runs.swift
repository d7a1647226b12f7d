import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Recipes
import Tasks
import Tensors
import TestSupport
import Training

/// A small residual network on 44 images, 16 a step: 4 microbatches of 4, the last step 3.
enum Runs {
  static let settings = TrainingSettings(seed: 3, totalSteps: 6)

  static func parts(microbatch: Int = 4, batch: Int = 16, dropout: Double = 0.2) throws -> TrainingParts {
    let configuration = try ResidualConfiguration(
      json: [
        "stem_channels": 4, "block_channels": [4, 6], "block_strides": [1, 2], "dropout": dropout,
      ], source: "test")
    let model = ResidualNetwork(configuration, labels: 5)
    let state = ModelState(model, seed: 5)
    let rows = ImageRows(random: 44, side: 8, labels: 5, seed: 9)
    let plan = try BatchPlan(rowCount: 44, batchSize: batch, microbatchSize: microbatch, seed: 3)
    return TrainingParts(
      model: model, state: state, dataset: rows, task: SingleLabel(classes: model.labels), plan: plan,
      optimizer: SGD(layout: state.layout, momentum: 0.9, isNesterov: false), learningRate: { _ in 0.05 })
  }

  /// What a run came to.
  struct Outcome: Equatable, Sendable {
    var losses: [Double]
    var weights: [Float]
    var buffers: [Float]

    init(_ parts: TrainingParts, losses: [Double]) {
      self.losses = losses
      weights = Array(parts.state.weights.values)
      buffers = Array(parts.state.buffers.values)
    }

    /// The largest difference of a loss (relative), a weight or a running statistic (each in units of the largest).
    func difference(from other: Outcome) -> Double {
      func largest(_ a: [Float], _ b: [Float]) -> Double {
        let scale = Double(b.map(abs).max() ?? 1)
        return zip(a, b).map { abs(Double($0) - Double($1)) / scale }.max() ?? .infinity
      }
      return max(
        zip(losses, other.losses).map { abs($0 - $1) / abs($1) }.max() ?? .infinity, largest(weights, other.weights),
        largest(buffers, other.buffers))
    }
  }

  /// Trains all steps on each rank; every rank's outcome.
  static func train(
    ranks: Int, reduction: Recipe.Reduction = .ordered, _ makeParts: @escaping @Sendable () throws -> TrainingParts
  ) throws -> [Outcome] {
    try Ranks.run(ranks) { group in
      let parts = try makeParts()
      let trainer = Trainer(parts: parts, settings: settings, replicas: DataParallelGroup(group, reduction: reduction))
      let losses = try (0..<settings.totalSteps).map { _ in try trainer.advance().loss }
      return Outcome(trainer.parts, losses: losses)
    }
  }
}
