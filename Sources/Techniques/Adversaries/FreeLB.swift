import Layers
import Recipes
import Tensors
import Training

/// Several steps against the embeddings within a ball, and the mean of the gradients on the way (free large batch).
///
///     r₀ = 0,   r ← Proj(r + alpha · g / ‖g‖),   Proj onto ‖r‖ ≤ epsilon          gradient = 1/K · Σ ∇L(w + r_k),  k < K
///               r ← clamp(r + alpha · sgn g, ± epsilon)                           with `norm: max`
///
/// Each g is the gradient at the point before, which is a term of the mean as well, so no pass is made for a direction alone.
///
/// - Paper: Zhu et al., FreeLB: Enhanced adversarial training for natural language understanding, arXiv:1909.11764.
/// - The paper draws r₀ from the ball, uniform and divided by the root of its dimension, and so never sees the rows as they
///   are. Here r₀ is zero, which the published code has as `adv_init_mag` 0: the first of the K terms is the clean gradient,
///   which is there already, and nothing random is added to a step.
/// - `steps` (3): K, the points of the mean, of which the last is moved no further; the published scripts have 2 and 3. With 1
///   the clean gradient is all there is.
/// - `epsilon` (1), `alpha` (0.3): those of PGD, so that both go the same way; (steps - 1) · alpha stays below epsilon. The
///   published scripts take an alpha of 0.04 to 0.2, for an example. With `norm: max` both must be given, and moves follow the
///   sign as PGD's do, where the published code divides g by its largest element.
/// - `target` and `scope` are as FGM's. In the paper each example has a displacement of its own (`scope: example`).
/// - The passes have the same dropout masks, as the paper advises.
/// - A point whose gradient is zero or not finite is the last, and the mean is over those so far.
/// - Cost: `steps` - 1 more forwards and backwards, and as many sums over ranks in scope `batch`. Saves: nothing.
public final class FreeLB: Adversary {
  public let ball: AttackBall
  public var scope: AdversaryScope { ball.target.scope }

  public init(
    epsilon: Double = 1, alpha: Double = 0.3, steps: Int = 3, norm: AttackNorm = .euclidean, targets: [Parameter],
    scope: AdversaryScope = .batch
  ) {
    ball = AttackBall(epsilon: epsilon, alpha: alpha, steps: steps, norm: norm, targets: targets, scope: scope)
  }

  /// Reads `norm`, `epsilon`, `alpha`, `steps`, `target` and `scope`.
  public init(_ section: Section, state: ModelState) throws { ball = try AttackBall(section, state: state) }

  public func isActive(at context: StepContext) -> Bool { ball.steps > 1 }

  public func apply(_ attack: Attack) throws {
    let surface = ball.target.surface(of: attack)
    var latest = attack.gradients
    var points = 1
    while points < ball.steps, try ball.move(surface, of: attack, latest: &latest) {
      attack.addScratch()
      points += 1
    }
    if points > 1 { attack.divideGradients(by: points) }
  }
}

extension Attack {
  /// gradients = gradients / count.
  fileprivate func divideGradients(by count: Int) {
    let (sum, share) = (gradients.pointer, 1 / Float(count))
    for index in 0..<gradients.count { sum[index] *= share }
  }
}

extension FreeLB {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "freelb", .adversary,
    keys: [
      RecipeKey(
        "techniques.freelb", .toggle, or: .otherwise("none"),
        "the mean of the gradients at the points of such moves, the clean one among them (Zhu et al. 2020)"),
      RecipeKey(
        "techniques.freelb.epsilon", .positive, or: "1", "radius of the ball",
        why: "as PGD's; with norm max it must be given"),
      RecipeKey(
        "techniques.freelb.alpha", .positive, or: "0.3", "length of a move",
        why: "as PGD's; take 0.1 with scope example; with norm max it must be given"),
      AttackNorm.key("techniques.freelb.norm"),
      RecipeKey(
        "techniques.freelb.steps", .integer(atLeast: 1, atMost: 1000), or: "3",
        "points of the mean; each but the first costs a forward and a backward",
        why: "the published scripts have 2 and 3"),
      AttackTarget.targetKey("techniques.freelb.target"),
      RecipeKey(
        "techniques.freelb.scope", .choice(of: AdversaryScope.self), or: "batch", "whose gradient is followed",
        why:
          "batch: as FGM's and PGD's, the same at any number of ranks; microbatch: without a further sum; example: each"
          + " row's own, as in the paper"),
    ],
    idle: [
      .init("techniques.freelb.steps", 1, "with 1 the clean gradient is all of the mean")
    ],
    benchmark: .init("{freelb: {}}"),
    install: { section, installation in
      installation.parts.adversary = try FreeLB(section, state: installation.parts.state)
    }
  )
}
