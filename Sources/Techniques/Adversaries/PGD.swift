import Layers
import Recipes
import Tensors
import Training

/// Several steps against the embeddings within a ball, and the gradient at the last added to the clean one (projected
/// gradient descent).
///
///     r₀ = 0,   r ← Proj(r + alpha · g / ‖g‖),   Proj onto ‖r‖ ≤ epsilon          gradient = ∇L(w) + ∇L(w + r_K)
///               r ← clamp(r + alpha · sgn g, ± epsilon)                           with `norm: max`
///
/// The first g is the clean gradient, the next ones are those at w + r.
///
/// - Paper: Madry et al., Towards deep learning models resistant to adversarial attacks, arXiv:1706.06083, with the norm
///   and target of FGM as text classifiers use it; `norm: max` is the paper's own ball.
/// - `epsilon` (1), `alpha` (0.3), `steps` (3): the values of the published code; steps · alpha just below epsilon. With
///   `norm: max` epsilon and alpha must be given.
/// - The ball is around the original weights, which are never written. `target` and `scope` are as FGM's.
/// - A step whose gradient is zero or not finite is the last.
/// - Cost: `steps` more forwards and backwards, and as many sums over ranks in scope `batch`. Saves: nothing.
public final class PGD: Adversary {
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

  public func isActive(at context: StepContext) -> Bool { true }

  public func apply(_ attack: Attack) throws {
    let surface = ball.target.surface(of: attack)
    var latest = attack.gradients
    for _ in 0..<ball.steps {
      guard try ball.move(surface, of: attack, latest: &latest) else { break }
    }
    if latest === attack.scratch { attack.addScratch() }
  }
}

extension PGD {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "pgd", .adversary,
    keys: [
      RecipeKey(
        "techniques.pgd", .toggle, or: .otherwise("none"), "several such moves within a ball (Madry et al. 2018)"),
      RecipeKey(
        "techniques.pgd.epsilon", .positive, or: "1", "radius of the ball",
        why: "the published code's; with norm max it must be given"),
      RecipeKey(
        "techniques.pgd.alpha", .positive, or: "0.3", "length of a move",
        why: "three of them end just inside the ball; with norm max it must be given"),
      AttackNorm.key("techniques.pgd.norm"),
      RecipeKey(
        "techniques.pgd.steps", .integer(atLeast: 1, atMost: 1000), or: "3",
        "moves; each costs a forward and a backward",
        why: "the published code's"),
      AttackTarget.targetKey("techniques.pgd.target"),
      AttackTarget.scopeKey("techniques.pgd.scope"),
    ],
    benchmark: .init("{pgd: {}}"),
    install: { section, installation in
      installation.parts.adversary = try PGD(section, state: installation.parts.state)
    }
  )
}
