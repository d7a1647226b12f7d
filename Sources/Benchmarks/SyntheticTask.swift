import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Recipes
import Tasks
import Tensors
import Tracing
import Training

/// A text classifier of a given shape on random rows, with AdamW: what benchmarks train.
package struct SyntheticTask {
  package let shape: EncoderShape
  package let group: any Group
  package let threads: Int
  package let precision: Precision
  package var numerics = Numerics.portable
  /// Whether each rank updates its own part of the weights.
  package var isSharded = false
  /// Whether the backward pass computes layers again.
  package var recomputesLayers = false
  /// The encoder, where it is not a BERT of the shape.
  private let member: (any EncoderFamily)?

  /// - Parameter shape: extents of the encoder and of one rank's batch; the global batch is as many times larger.
  package init(_ shape: EncoderShape, group: any Group, threads: Int, precision: Precision) {
    self.shape = shape
    self.group = group
    self.threads = threads
    self.precision = precision
    member = nil
  }

  /// - Parameter folder: of a `config.json` that describes the encoder.
  /// - Throws: `ModelError` where it cannot be used.
  package init(
    encoderIn folder: String, rows: Int, length: Int, group: any Group, threads: Int, precision: Precision
  ) throws {
    let family = try PretrainedFacts(path: folder).family
    let sizes = family.configuration
    guard (1...1 << 16).contains(rows), (3...family.mostTokens).contains(length) else {
      throw ModelError(
        file: folder + "/config.json", problem: "rows of \(length) tokens, \(rows) at once, cannot be computed",
        remedy: "give at least a row, of 3 to \(family.mostTokens) tokens")
    }
    shape = EncoderShape(
      layers: sizes.layers, hidden: sizes.hiddenSize, heads: sizes.heads, intermediate: sizes.intermediateSize,
      vocabulary: sizes.vocabularySize, rows: rows, length: length)
    (self.group, self.threads, self.precision, member) = (group, threads, precision, family)
  }

  /// Rows of the global batch.
  package var rows: Int { shape.rows * group.size }

  /// A trainer with its own model.
  ///
  /// - Parameters:
  ///   - dropouts: probabilities of the head's samples.
  ///   - tracer: where its spans are recorded.
  ///   - configure: puts techniques in their places.
  package func trainer(
    dropouts: [Double]? = nil, reduction: Recipe.Reduction = .ring, tracer: Tracer = .off,
    configure: (inout TrainingParts) throws -> Void = { _ in }
  ) throws -> Trainer {
    var head = family.head
    if let dropouts { head.dropouts = dropouts }
    let model = TextClassifier(family, labels: 2, head: head)
    let state = ModelState(model, seed: 1)
    let data = SyntheticTokens(rows: rows, length: shape.length, vocabulary: shape.vocabulary)
    let plan = try BatchPlan(rowCount: rows, batchSize: rows, microbatchSize: shape.rows, seed: 1)
    let engine = Engine(threads: threads, numerics: numerics)
    let shards = isSharded ? OptimizerShards(state.layout, rank: group.rank, of: group.size) : nil
    var parts = TrainingParts(
      model: model, state: state, dataset: data, task: SingleLabel(classes: 2), plan: plan,
      optimizer: AdamW(layout: state.layout, range: shards?.own, workers: engine.workers), learningRate: { _ in 2e-5 })
    parts.shards = shards
    parts.weightDecay = 0.01
    if precision == .fp16 { parts.scaler = GradientScaler() }
    try configure(&parts)
    var settings = TrainingSettings(seed: 1, totalSteps: .max)
    settings.threads = threads
    settings.precision = precision
    settings.recomputesLayers = recomputesLayers
    let replicas = DataParallelGroup(group, reduction: reduction)
    replicas.tracer = tracer
    return Trainer(parts: parts, settings: settings, replicas: replicas, engine: engine)
  }

  /// The member that is given, or one of the first family of the list.
  private var family: any EncoderFamily {
    if let member { return member }
    var family = EncoderFamilies.all[0].init()
    family.configuration.vocabularySize = shape.vocabulary
    family.configuration.hiddenSize = shape.hidden
    family.configuration.layers = shape.layers
    family.configuration.heads = shape.heads
    family.configuration.intermediateSize = shape.intermediate
    return family
  }
}
