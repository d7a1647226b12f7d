import Layers
import Recipes
import Tensors
import Training

/// One step against the embeddings, and the gradient there added to the clean one (fast gradient method).
///
///     r = epsilon · g / ‖g‖                  gradient = ∇L(w) + ∇L(w + r)
///     r = epsilon · sgn g                    with `norm: max`
///
/// - Paper: Miyato, Dai, Goodfellow, Adversarial training methods for semi-supervised text classification, arXiv:1605.07725.
///   The sign step: Goodfellow, Shlens, Szegedy, Explaining and harnessing adversarial examples, arXiv:1412.6572.
/// - `norm` (`l2`): how the move is measured; `max` moves every element by epsilon, and none whose gradient is zero.
/// - `epsilon` (1): the published code's default; the norm is over the whole embedding matrix, or over an example. With
///   `norm: max` it must be given: 1 would be many times an embedding's own size.
/// - `target` (`word_embeddings`): the parameters that are moved, each along its own gradient.
/// - `scope` (`batch`): g is the gradient of the whole global batch, as published code has it on one device, whatever the
///   rank count; `microbatch`: each microbatch's own, without a further sum over ranks; `example`: each example's embedded
///   sequence has its own displacement, as in the paper (but its embeddings are not normalised here).
/// - The further pass has the same dropout masks and frozen statistics. A gradient of zero, or one that is not finite, means
///   no attack, and the clean gradient is used: all ranks see the same gradient, so they agree.
/// - Cost: one more forward and backward a step, one more sum over ranks in scope `batch`. Saves: nothing.
public final class FGM: Adversary {
  public let epsilon: Double
  public let norm: AttackNorm
  public var scope: AdversaryScope { target.scope }
  private let target: AttackTarget

  public init(
    epsilon: Double = 1, norm: AttackNorm = .euclidean, targets: [Parameter], scope: AdversaryScope = .batch
  ) {
    self.epsilon = epsilon
    self.norm = norm
    target = AttackTarget(parameters: targets, scope: scope)
  }

  /// Reads `norm`, `epsilon`, `target` and `scope`.
  public init(_ section: Section, state: ModelState) throws {
    norm = try AttackNorm(section)
    epsilon = try norm.length("epsilon", default: 1, in: section)
    target = try AttackTarget(section, state: state)
    try section.finish()
  }

  public func isActive(at context: StepContext) -> Bool { true }

  public func apply(_ attack: Attack) throws {
    let surface = target.surface(of: attack)
    guard let norms = surface.directions(in: attack.gradients) else { return }
    surface.ascend(in: attack.gradients, norms: norms, by: epsilon, norm)
    try surface.evaluate(attack, into: attack.scratch)
    attack.addScratch()
  }
}

extension Attack {
  /// gradients = gradients + scratch.
  func addScratch() {
    let (sum, share) = (gradients.pointer, scratch.pointer)
    for index in 0..<gradients.count { sum[index] += share[index] }
  }
}

extension FGM {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "fgm", .adversary,
    keys: [
      RecipeKey(
        "techniques.fgm", .toggle, or: .otherwise("none"),
        "a second gradient at embeddings moved along the first (Miyato et al. 2016)"),
      RecipeKey(
        "techniques.fgm.epsilon", .positive, or: "1", "length of the move",
        why: "the published code's; with norm max it must be given"),
      AttackNorm.key("techniques.fgm.norm"),
      AttackTarget.targetKey("techniques.fgm.target"),
      AttackTarget.scopeKey("techniques.fgm.scope"),
    ],
    benchmark: .init("{fgm: {}}"),
    install: { section, installation in
      installation.parts.adversary = try FGM(section, state: installation.parts.state)
    }
  )
}
