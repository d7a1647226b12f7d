import Data
import DataParallel
import Layers
import Models
import Tensors
import Tracing

/// The gradient of the objective over a global batch at the present weights: every rank's microbatches, summed in the
/// order of the tree and reduced once.
final class BatchGradient {
  let parts: TrainingParts
  let settings: TrainingSettings
  let replicas: DataParallelGroup
  let engine: Tensors.Engine
  private let tree: GradientTree
  private lazy var microbatchScratch = Arena(layout: parts.state.layout)
  /// What the objective makes of the whole batch, while its microbatches are computed; nil where it needs no such thing.
  private var whole: BatchOutcome?

  var track: Track { replicas.track }

  /// What losses are multiplied by before the backward pass, so that small gradients survive fp16.
  var lossScale: Float = 1

  init(parts: TrainingParts, settings: TrainingSettings, replicas: DataParallelGroup, engine: Tensors.Engine) {
    self.parts = parts
    self.settings = settings
    self.replicas = replicas
    self.engine = engine
    tree = GradientTree(layout: parts.state.layout, track: replicas.track)
  }

  /// What a rank's microbatches gave besides their gradients, in their order.
  struct Outcome {
    /// The sum of each loss term over the rows of each microbatch.
    var losses: [LossSums] = []
    /// What batch norms saw in the clean passes: of each microbatch, or of each turn where they are synchronized.
    var observations: [BatchStatistics.Observation] = []
  }

  /// Puts the sum of gradients over the whole global batch into `output`, on every rank.
  ///
  /// - Parameters:
  ///   - objective: a user's own, without the recipe's adversary; nil for the recipe's.
  ///   - inspect: shown what each of this rank's microbatches gave, in their order, before anything is added to it.
  @discardableResult
  func evaluate(
    _ batch: GlobalBatch, into output: Arena, name: String, objective: (any Objective)? = nil,
    inspect: ((LossSums, Arena) -> Void)? = nil
  ) throws -> Outcome {
    var outcome = Outcome()
    whole = try ((objective ?? parts.objective) as? any BatchObjective).map {
      try self.outcome(of: $0, batch, name: name)
    }
    defer { whole = nil }
    let turn = isSynchronized ? TurnExchange(replicas, step: batch.context.step) : nil
    func compute(_ leaf: Int, into arena: Arena, beside reduction: GradientReduction? = nil) throws {
      let statistics = BatchStatistics(exchange: turn?.exchange)
      let losses = try self.leaf(
        leaf, of: batch, objective: objective, into: arena, statistics, beside: reduction)
      inspect?(losses, arena)
      outcome.losses.append(losses)
      outcome.observations += statistics.observations
      try turn?.end()
    }
    let local = try tree.sums(over: batch.share, of: batch.leaves, into: output) { try compute($0, into: $1) }
    let reduction =
      replicas.sumsGradients ? GradientReduction(local, over: replicas, name: name, step: batch.context.step) : nil
    if let (leaf, arena) = local.missing {
      // Batch norms that exchange sums need the group themselves, and what is inspected must be this rank's own.
      let overlaps = replicas.overlapsSums && turn == nil && inspect == nil
      try compute(leaf, into: arena, beside: overlaps ? reduction : nil)
    }
    for _ in batch.share.count..<replicas.longestShare(of: batch.leaves).count { try turn?.end() }
    if let reduction {
      try track.span(.reduction) { try reduction.finish() }
    } else {
      track.span(.accumulation) { local.finish() }
    }
    return outcome
  }

  private var isSynchronized: Bool {
    parts.statistics == .synchronized && replicas.size > 1 && !parts.state.batchNorms.isEmpty
  }

  /// The gradient of one microbatch, an adversary of its scope included.
  ///
  /// - Parameter reduction: begun with the only backward pass; not where an adversary has more of them, of which no gradient
  ///   is the last word.
  private func leaf(
    _ index: Int, of batch: GlobalBatch, objective: (any Objective)?, into arena: Arena, _ statistics: BatchStatistics,
    beside reduction: GradientReduction?
  ) throws -> LossSums {
    let positions = batch.plan.microbatches[index]
    replicas.note(step: batch.context.step, phase: "data")
    let rows = Array(batch.plan.rows[positions])
    let input = track.span(.data) {
      Input(
        microbatch: batch.dataset.microbatch(rows: rows, positions: positions), weights: rows.map(batch.dataset.weight))
    }
    replicas.note(step: batch.context.step, phase: "compute")
    guard objective == nil, let adversary = parts.adversary, adversary.scope != .batch,
      adversary.isActive(at: batch.context)
    else { return backward(input, of: batch, objective: objective, into: arena, statistics, beside: reduction) }
    let probe = adversary.scope == .example ? EmbeddingProbe(offsets: input.microbatch.tokenOffsets) : nil
    let losses = backward(input, of: batch, into: arena, statistics, probe: probe)
    // The adversary's own passes are normalised alike, but what they saw moves no running statistics.
    let unseen = BatchStatistics(exchange: statistics.exchange)
    try track.span(.adversary) {
      try adversary.apply(
        Attack(
          state: parts.state, gradients: arena, normalizer: input.normalizer * Double(lossScale),
          context: batch.context,
          evaluate: { self.backward(input, of: batch, into: $0, unseen, probe: probe) },
          scratch: microbatchScratch, probe: probe))
    }
    return losses
  }

  @discardableResult
  private func backward(
    _ input: Input, of batch: GlobalBatch, objective: (any Objective)? = nil, into arena: Arena,
    _ statistics: BatchStatistics, probe: EmbeddingProbe? = nil, beside reduction: GradientReduction? = nil
  ) -> LossSums {
    let objective = objective ?? parts.objective
    let end = reduction.map(end)
    let tape = Tape(onFinal: end)
    let forward = Forward(
      model: parts.model, state: parts.state, microbatch: input.microbatch, weights: input.weights,
      context: batch.context,
      count: objective.forwards, batch: whole
    ) { [engine, settings] number in
      Pass(
        engine: engine, mode: .training, tape: tape,
        randomness: Pass.Randomness(seed: settings.seed, step: batch.context.step, pass: number),
        rows: input.microbatch.sequences, precision: settings.precision, probe: probe, statistics: statistics,
        recomputesLayers: settings.recomputesLayers)
    }
    parts.state.beginGradients(in: arena)
    reduction?.begin()
    if let end { parts.state.parameters.filter(\.isFrozen).forEach(end) }
    let terms = track.span(.forward) { objective.terms(forward) }
    track.span(.backward) {
      for term in terms {
        term.losses.seedGradient(term.factor * lossScale, weights: term.weights ?? input.weights)
      }
      tape.backward()
    }
    parts.state.endGradients()
    return LossSums(terms, weights: input.weights, samples: input.microbatch.sampleIDs)
  }

  /// One microbatch and the weights of its rows.
  private struct Input {
    let microbatch: Microbatch
    let weights: [Float]

    /// The weight of its rows, but 1 where none counts.
    var normalizer: Double {
      let weight = weights.reduce(0) { $0 + Double($1) }
      return weight > 0 ? weight : 1
    }
  }

  /// Passes on that a parameter's gradient is final.
  private func end(_ reduction: GradientReduction) -> (Parameter) -> Void {
    { [places] parameter in
      parameter.endGradient()
      reduction.end(places[ObjectIdentifier(parameter)]!)
    }
  }

  /// Where each parameter stands in the layout.
  private lazy var places = Dictionary(
    uniqueKeysWithValues: parts.state.parameters.enumerated().map { (ObjectIdentifier($1), $0) })
}

extension Microbatch {
  /// Where each row's tokens begin, and the end of the last.
  fileprivate var tokenOffsets: [Int32] {
    guard case .tokens(let batch) = input else { preconditionFailure("images have no embedded tokens to attack") }
    return windows.map { $0.map { batch.offsets[Int($0)] } } ?? batch.offsets
  }
}
