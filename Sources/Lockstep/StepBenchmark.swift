import Collectives
import Data
import Layers
import Models
import Optimizers
import Tensors
import Training

/// A whole training step on random rows, beside the time that its matrix products alone take.
package struct StepBenchmark {
  package struct Figures {
    /// Medians, in seconds.
    package let step: Double
    package let products: Double
    /// Rows a second over all ranks.
    package let samplesPerSecond: Double
    /// Share of the step that its products would take at the speed of OpenBLAS alone.
    package var share: Double { products / step }
  }

  private let trainer: Trainer
  private let floor: ProductFloor
  private let rows: Int

  /// - Parameter shape: extents of the encoder and of one rank's batch; the global batch is as many times larger.
  package init(_ shape: EncoderShape, group: any Group, threads: Int, precision: Precision) throws {
    var configuration = BertConfiguration()
    configuration.vocabularySize = shape.vocabulary
    configuration.hiddenSize = shape.hidden
    configuration.layers = shape.layers
    configuration.heads = shape.heads
    configuration.intermediateSize = shape.intermediate
    let model = BertClassifier(configuration, labels: 2)
    let state = ModelState(model, seed: 1)
    rows = shape.rows * group.size
    let data = SyntheticTokens(rows: rows, length: shape.length, vocabulary: shape.vocabulary)
    let plan = try BatchPlan(rowCount: rows, batchSize: rows, microbatchSize: shape.rows, seed: 1)
    var parts = TrainingParts(
      model: model, state: state, dataset: data, plan: plan, optimizer: AdamW(layout: state.layout),
      learningRate: { _ in 2e-5 })
    parts.weightDecay = 0.01
    parts.clip = Clipping(maximum: 1)
    if precision == .fp16 { parts.scaler = GradientScaler() }
    var settings = TrainingSettings(seed: 1, totalSteps: .max)
    settings.threads = threads
    settings.precision = precision
    trainer = Trainer(parts: parts, settings: settings, replicas: Replicas(group))
    floor = ProductFloor(shape)
  }

  /// Runs steps and products in turn, so that a drift of the machine's speed meets both alike.
  package func run(repetitions: Int) throws -> Figures {
    var steps: [Double] = []
    var products: [Double] = []
    for _ in 0..<2 { _ = try trainer.advance() }
    for _ in 0..<repetitions {
      steps.append(try Self.seconds { _ = try trainer.advance() })
      products.append(Self.seconds { floor.run() })
    }
    let step = Self.median(steps)
    return Figures(step: step, products: Self.median(products), samplesPerSecond: Double(rows) / step)
  }

  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let started = ContinuousClock.now
    try body()
    return (ContinuousClock.now - started) / .seconds(1)
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
