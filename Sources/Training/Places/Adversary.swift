import Layers
import Tensors

/// Which gradient is used: FGM, PGD and AWP replace the clean gradient, or add to it, by that at perturbed weights.
public protocol Adversary: AnyObject {
  var scope: AdversaryScope { get }

  /// Whether it acts at this step; otherwise the clean gradient is used.
  func isActive(at context: StepContext) -> Bool

  /// Turns the clean gradient into the one to be used.
  ///
  /// The weights must be bit for bit what they were when this returns or throws. A decision such as "the norm is zero" is
  /// made from `gradients` alone, which are the same on all ranks.
  func apply(_ attack: Attack) throws
}

/// Whose gradient the perturbation follows.
public enum AdversaryScope: String, Sendable, CaseIterable {
  /// The whole global batch's, whatever the rank count.
  case batch
  /// Each microbatch's own: no extra communication.
  case microbatch
  /// Each example's embedded sequence (Miyato et al. 2016).
  case example
}

/// What an adversary works with: the clean gradient, and the gradient as a function of the present weights.
public struct Attack {
  public let state: ModelState
  /// Sums over the scope's rows; clean on entry, what the optimizer will see on return.
  public let gradients: Arena
  /// What turns the sums into the mean gradient: the weight of the scope's rows, times the loss scale of mixed precision.
  public let normalizer: Double
  public let context: StepContext
  /// Runs all passes of the scope again at the present weights, with the same masks and frozen statistics, and puts the
  /// sum of gradients into the arena.
  public let evaluate: (Arena) throws -> Void
  /// A second gradient arena, for `evaluate`.
  public let scratch: Arena
  /// In scope `example`: the embedded tokens of the microbatch, whose gradient is that of the latest passes.
  public let probe: EmbeddingProbe?

  public init(
    state: ModelState, gradients: Arena, normalizer: Double, context: StepContext,
    evaluate: @escaping (Arena) throws -> Void, scratch: Arena, probe: EmbeddingProbe? = nil
  ) {
    self.state = state
    self.gradients = gradients
    self.normalizer = normalizer
    self.context = context
    self.evaluate = evaluate
    self.scratch = scratch
    self.probe = probe
  }
}
