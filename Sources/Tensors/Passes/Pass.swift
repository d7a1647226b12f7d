/// One forward through a model, and the tape of its backward: which random numbers, which mode, which rows.
public final class Pass {
  public enum Mode: Sendable { case training, evaluation }

  /// Where the random numbers of a pass come from.
  public struct Randomness: Sendable {
    public let seed: UInt64
    /// The committed step, from 0.
    public let step: Int
    /// The number of the forward within the step.
    public let pass: Int

    public init(seed: UInt64, step: Int, pass: Int) {
      self.seed = seed
      self.step = step
      self.pass = pass
    }
  }

  public let engine: Engine
  public let mode: Mode
  public let tape: Tape?
  public let randomness: Randomness
  public let precision: Precision

  /// Where an adversary reads and displaces embedded tokens; nil for none.
  public let probe: EmbeddingProbe?

  /// What batch norms do with the statistics of the batch; nil: they use their own in training, and tell nobody.
  public let statistics: BatchStatistics?

  /// Whether encoders keep of each layer its input alone for the backward pass, which computes the layer again.
  public let recomputesLayers: Bool

  /// For each row of this microbatch its position in the global batch: what random draws are keyed by.
  public let rows: [Int32]

  /// How often each dropout site has drawn a mask.
  var draws: [UInt32: UInt32] = [:]

  /// Collects the parameters that operations use while there is no tape; nil where nobody reads them.
  var uses: NotedUses?

  /// The dropout masks that were drawn, no two of them alike.
  package var maskCount: Int { draws.values.reduce(0) { $0 + Int($1) } }

  /// - Parameter tape: nil where no gradient will be asked for.
  public init(
    engine: Engine, mode: Mode, tape: Tape?, randomness: Randomness, rows: [Int32], precision: Precision = .fp32,
    probe: EmbeddingProbe? = nil, statistics: BatchStatistics? = nil, recomputesLayers: Bool = false
  ) {
    self.engine = engine
    self.mode = mode
    self.tape = tape
    self.randomness = randomness
    self.rows = rows
    self.precision = precision
    self.probe = probe
    self.statistics = statistics
    self.recomputesLayers = recomputesLayers
  }

  /// A new tensor with undefined values; it takes part in the backward pass unless said otherwise.
  public func tensor(_ shape: Shape, needsGradient: Bool = true) -> Tensor {
    Tensor(shape, pool: engine.pool, needsGradient: needsGradient && tape != nil)
  }

  /// The result of an operation: it needs a gradient where any input does or any parameter is trained.
  ///
  /// Name every parameter whose gradient the operation contributes to: the tape tells when its last use is through.
  public func result(_ shape: Shape, from inputs: [Tensor], parameters: [Parameter] = []) -> Tensor {
    let needsGradient = inputs.contains { $0.needsGradient } || parameters.contains { !$0.isFrozen }
    tape?.noteUse(of: parameters)
    uses?.note(parameters, needsGradient: needsGradient)
    return tensor(shape, needsGradient: needsGradient)
  }

  /// Records how the gradient of `result` turns into shares of its inputs' gradients. Nothing runs where no consumer
  /// contributed to that gradient; its memory goes back to the pool afterwards.
  ///
  /// Take a gradient slot of those inputs and parameters alone that need one: `needsGradient`, and not `isFrozen`.
  public func record(_ result: Tensor, _ backward: @escaping (_ gradient: UnsafeMutablePointer<Float>) -> Void) {
    guard let tape, result.needsGradient else { return }
    let cell = result.gradientCell
    tape.record {
      guard let gradient = cell.pointer else { return }
      backward(gradient)
      cell.release()
    }
  }

  /// The mask of a dropout site's next use in this pass, or nil where nothing is dropped (evaluation, probability 0).
  ///
  /// Each use draws its own mask: a layer that a model shares among its depths drops other elements at each of them.
  public func dropoutMask(site: UInt32, probability: Double) -> DropoutMask? {
    guard mode == .training, probability > 0 else { return nil }
    let use = draws[site, default: 0]
    draws[site] = use + 1
    let stream = RandomStream(
      seed: randomness.seed, purpose: .dropout, step: randomness.step, pass: randomness.pass, site: site, use: use)
    return DropoutMask(stream: stream, probability: probability)
  }
}
