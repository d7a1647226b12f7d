import Layers
import Recipes
import Tensors
import Training

/// Moves against the embeddings that stay within a ball around them as they are: what PGD and FreeLB have in common.
///
///     r ← Proj(r + alpha · g / ‖g‖),   Proj onto ‖r‖ ≤ epsilon
///     r ← clamp(r + alpha · sgn g, ± epsilon)                           with `norm: max`
public struct AttackBall {
  public let epsilon: Double
  public let alpha: Double
  public let steps: Int
  public let norm: AttackNorm
  let target: AttackTarget

  init(
    epsilon: Double, alpha: Double, steps: Int, norm: AttackNorm, targets: [Parameter], scope: AdversaryScope
  ) {
    precondition(steps >= 1, "an attack makes at least one step, not \(steps)")
    (self.epsilon, self.alpha, self.steps, self.norm) = (epsilon, alpha, steps, norm)
    target = AttackTarget(parameters: targets, scope: scope)
  }

  /// Reads `norm`, `epsilon` (1), `alpha` (0.3), `steps` (3), `target` and `scope`.
  init(_ section: Section, state: ModelState) throws {
    norm = try AttackNorm(section)
    epsilon = try norm.length("epsilon", default: 1, in: section)
    alpha = try norm.length("alpha", default: 0.3, in: section)
    steps = try section.integer("steps", default: 3, atLeast: 1, atMost: 1000)
    target = try AttackTarget(section, state: state)
    try section.finish()
  }

  /// Moves along a gradient, computes the gradient there into the attack's scratch, and makes that the latest one.
  /// - Returns: false, without a move, where the gradient is zero or not finite.
  func move(_ surface: any AttackSurface, of attack: Attack, latest: inout Arena) throws -> Bool {
    guard let norms = surface.directions(in: latest) else { return false }
    surface.ascend(in: latest, norms: norms, by: alpha, norm)
    surface.project(radius: epsilon, norm)
    try surface.evaluate(attack, into: attack.scratch)
    latest = attack.scratch
    return true
  }
}
