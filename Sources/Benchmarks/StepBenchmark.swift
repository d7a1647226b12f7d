import Collectives
import Optimizers
import Recipes
import Tensors
import Training

/// A whole training step on random rows, beside the time that its matrix products alone take, and beside the same step of
/// a rank that works for itself.
package struct StepBenchmark {
  package struct Figures {
    /// Medians, in seconds.
    package let step: Double
    package let products: Double
    /// A step without sums over ranks, while the other ranks make one, too; nil in a group of one.
    package let alone: Double?
    /// Operations of the step's products over those that one large product makes in the same time.
    package let utilisation: Double
    /// Rows a second over all ranks.
    package let samplesPerSecond: Double
    /// From the start of the process to the end of the first step, in seconds.
    package let firstStep: Double?
    /// The most memory of the process while it only trained.
    package let peakBytes: Int
    /// Share of the step that its products would take as undivided Float32 calls on one thread.
    package var share: Double { products / step }
  }

  private let task: SyntheticTask
  private let reduction: Recipe.Reduction

  package init(_ task: SyntheticTask, reduction: Recipe.Reduction = .ring) {
    self.task = task
    self.reduction = reduction
  }

  /// Runs steps and products in turn, so that a drift of the machine's speed meets both alike.
  package func run(repetitions: Int) throws -> Figures {
    let trainer = try task.trainer(reduction: reduction) { $0.clip = Clipping(maximum: 1) }
    _ = try trainer.advance()
    let firstStep = ProcessFigures.age
    for _ in 0..<2 { _ = try trainer.advance() }
    let peakBytes = ProcessFigures.peakBytes

    let alone = task.group.size > 1 ? try lonelyTrainer() : nil
    let floor = ProductFloor(task.shape)
    let large = LargeProduct(precision: task.precision)
    large.run()
    var (steps, lonely, products, rates): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    for _ in 0..<repetitions {
      steps.append(try timed { _ = try trainer.advance() })
      if let alone { lonely.append(try timed { _ = try alone.advance() }) }
      products.append(try timed { floor.run() })
      rates.append(LargeProduct.operations / (try timed { large.run() }))
    }
    let step = steps.median
    return Figures(
      step: step, products: products.median, alone: lonely.isEmpty ? nil : lonely.median,
      utilisation: task.shape.operations / (rates.median * Double(task.threads)) / step,
      samplesPerSecond: Double(task.rows) / step, firstStep: firstStep, peakBytes: peakBytes)
  }

  private func lonelyTrainer() throws -> Trainer {
    var own = SyntheticTask(task.shape, group: SoloGroup(), threads: task.threads, precision: task.precision)
    own.recomputesLayers = task.recomputesLayers
    own.numerics = task.numerics
    let trainer = try own.trainer { $0.clip = Clipping(maximum: 1) }
    for _ in 0..<2 { _ = try trainer.advance() }
    return trainer
  }

  /// All ranks begin together.
  private func timed(_ body: () throws -> Void) throws -> Double {
    try task.group.barrier(name: "benchmark", step: 0)
    return try Timing.of(body).wall
  }
}
