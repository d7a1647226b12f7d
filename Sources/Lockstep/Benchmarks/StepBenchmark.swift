import Collectives
import Optimizers
import Tensors
import Training

/// A whole training step on random rows, beside the time that its matrix products alone take.
package struct StepBenchmark {
  package struct Figures {
    /// Medians, in seconds.
    package let step: Double
    package let products: Double
    /// Operations of the step's products over those that one large product makes in the same time.
    package let utilisation: Double
    /// Rows a second over all ranks.
    package let samplesPerSecond: Double
    /// Share of the step that its products would take as undivided Float32 calls of OpenBLAS on one thread.
    package var share: Double { products / step }
  }

  private let task: SyntheticTask
  private let trainer: Trainer
  private let floor: ProductFloor
  private let large: LargeProduct

  package init(_ task: SyntheticTask, reduction: Recipe.Reduction = .ring) throws {
    self.task = task
    trainer = try task.trainer(reduction: reduction) { $0.clip = Clipping(maximum: 1) }
    floor = ProductFloor(task.shape)
    large = LargeProduct(precision: task.precision)
  }

  /// Runs steps and products in turn, so that a drift of the machine's speed meets both alike.
  package func run(repetitions: Int) throws -> Figures {
    var steps: [Double] = []
    var products: [Double] = []
    var rates: [Double] = []
    large.run()
    for _ in 0..<2 { _ = try trainer.advance() }
    for _ in 0..<repetitions {
      steps.append(try Timing.of { _ = try trainer.advance() }.wall)
      products.append(Timing.of { floor.run() }.wall)
      rates.append(LargeProduct.operations / Timing.of { large.run() }.wall)
    }
    let step = steps.median
    return Figures(
      step: step, products: products.median,
      utilisation: task.shape.operations / (rates.median * Double(task.threads)) / step,
      samplesPerSecond: Double(task.rows) / step)
  }
}
