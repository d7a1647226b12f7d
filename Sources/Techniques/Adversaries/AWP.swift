import Layers
import Recipes
import Tensors
import Training

/// Trains at the worst weights nearby (adversarial weight perturbation).
///
///     p ← clamp(p + learning_rate · (‖p‖ + e) · g / (‖g‖ + e),  w ± epsilon |w|)       for each matrix, p = w at first
///     gradient = ∇L(p), or with `mode: add` ∇L(w) + ∇L(p)
///
/// - Paper: Wu, Xia, Wang, Adversarial weight perturbation helps robust generalization, arXiv:2004.05884, which uses the
///   gradient at p alone (`replace`, the default). The clamp is that of the form in which text classifiers use it: a weight
///   of zero never moves.
/// - e is 1e-6 and g the mean gradient, as in published code; they matter to tensors that hardly have a gradient.
/// - `learning_rate` (1), `epsilon` (0.01), `steps` (1): with a learning rate of 1 almost every weight reaches the clamp.
/// - `start_epoch` (1): epochs without attack first, counted from 0; early directions are noise.
/// - `names` (`weight`): which parameters, by whole parts of names; vectors (biases, the gains of norms) are left out unless
///   `vectors: true`, as in the paper.
/// - `scope` (`batch`) or `microbatch`, as FGM's. The weights are never written: the passes read p from another buffer.
/// - Cost: `steps` more forwards and backwards, two arenas of memory. Saves: nothing.
public final class AWP: Adversary {
  public enum Mode: String, Sendable, CaseIterable { case replace, add }

  public let learningRate: Double
  public let epsilon: Double
  public let steps: Int
  public let mode: Mode
  public let startEpoch: Int
  public let scope: AdversaryScope
  private let targets: [Parameter]
  private let perturbed: Arena

  public init(
    learningRate: Double = 1, epsilon: Double = 0.01, steps: Int = 1, mode: Mode = .replace, startEpoch: Int = 1,
    targets: [Parameter], scope: AdversaryScope = .batch
  ) {
    precondition(steps >= 1, "AWP makes at least one step, not \(steps)")
    precondition(scope != .example, "AWP moves weights, which all examples share")
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.steps = steps
    self.mode = mode
    self.startEpoch = startEpoch
    self.targets = targets
    self.scope = scope
    perturbed = Arena(layout: ArenaLayout(targets.map { ($0.name, $0.shape) }))
  }

  /// Reads `learning_rate`, `epsilon`, `steps`, `mode`, `start_epoch`, `names`, `vectors` and `scope`.
  public convenience init(_ section: Section, state: ModelState) throws {
    let scope = try section.choice("scope", default: AdversaryScope.batch)
    if scope == .example {
      throw section.error("scope", "is \"example\", but all examples share the weights; give batch or microbatch")
    }
    let named = try AdversaryTarget(section.string("names", default: "weight"))
      .resolve(in: state, section: section, key: "names")
    let vectors = try section.boolean("vectors", default: false)
    let targets = vectors ? named : named.filter { $0.shape.rank > 1 }
    if targets.isEmpty {
      throw section.error("names", "matches vectors alone, such as \(named[0].name); set vectors: true to move them")
    }
    self.init(
      learningRate: try section.positive("learning_rate", default: 1),
      epsilon: try section.positive("epsilon", default: 0.01),
      steps: try section.integer("steps", default: 1, atLeast: 1, atMost: 1000),
      mode: try section.choice("mode", default: .replace),
      startEpoch: try section.integer("start_epoch", default: 1, atLeast: 0),
      targets: targets, scope: scope)
    try section.finish()
  }

  public func isActive(at context: StepContext) -> Bool { context.epoch >= startEpoch }

  public func apply(_ attack: Attack) throws {
    for target in targets { _ = perturbed[target.name]!.update(from: target.values) }
    var latest = attack.gradients
    for _ in 0..<steps {
      guard move(along: latest, normalizer: attack.normalizer) else { break }
      try attack.state.withParameters(targets, readFrom: perturbed) { try attack.evaluate(attack.scratch) }
      latest = attack.scratch
    }
    guard latest === attack.scratch else { return }
    if mode == .add {
      attack.addScratch()
    } else {
      attack.gradients.copy(from: attack.scratch)
    }
  }

  /// - Returns: false, and nothing is moved, where no target has a direction or some gradient is not finite.
  private func move(along gradients: Arena, normalizer: Double) -> Bool {
    let norms = targets.map { Displacement.norm(UnsafeBufferPointer(gradients[$0.name]!)) }
    guard norms.allSatisfy(\.isFinite), norms.contains(where: { $0 > 0 }) else { return false }
    for (target, norm) in zip(targets, norms) where norm > 0 {
      let values = perturbed[target.name]!
      let length = Displacement.norm(UnsafeBufferPointer(values)) + Self.smallest
      Self.perturb(
        values, around: UnsafeBufferPointer(target.values), along: UnsafeBufferPointer(gradients[target.name]!),
        factor: learningRate * length / (norm + Self.smallest * normalizer), epsilon: epsilon)
    }
    return true
  }

  /// e of the formula.
  private static let smallest = 1e-6

  /// p = clamp(p + factor · g, w ± epsilon |w|).
  public static func perturb(
    _ values: UnsafeMutableBufferPointer<Float>, around original: UnsafeBufferPointer<Float>,
    along gradient: UnsafeBufferPointer<Float>, factor: Double, epsilon: Double
  ) {
    let factor = Float(factor)
    let epsilon = Float(epsilon)
    for index in values.indices {
      let room = epsilon * abs(original[index])
      let moved = values[index] + factor * gradient[index]
      values[index] = min(max(moved, original[index] - room), original[index] + room)
    }
  }
}

extension AWP {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "awp", .adversary,
    keys: [
      RecipeKey(
        "techniques.awp", .toggle, or: .otherwise("none"), "the gradient at the worst weights nearby (Wu et al. 2020)"),
      RecipeKey(
        "techniques.awp.learning_rate", .positive, or: "1", "length of a move, relative to the weights",
        why: "almost every weight then reaches epsilon"),
      RecipeKey(
        "techniques.awp.epsilon", .positive, or: "0.01", "how far a weight may move, relative to itself",
        why: "usual for texts; take less for small learning rates"),
      RecipeKey(
        "techniques.awp.steps", .integer(atLeast: 1, atMost: 1000), or: "1", "moves",
        why: "each costs a forward and a backward"),
      RecipeKey(
        "techniques.awp.mode", .choice(of: AWP.Mode.self), or: "replace",
        "whether the gradient there replaces the clean one or is added to it",
        why: "replace is the paper's"),
      RecipeKey(
        "techniques.awp.start_epoch", .integer(atLeast: 0), or: "1",
        "the first epoch with it, counted from 0, so that as many go without",
        why: "early directions are noise"),
      RecipeKey(
        "techniques.awp.names", .text, or: "weight", "which parameters, by whole parts of names", why: "all but biases"),
      RecipeKey(
        "techniques.awp.vectors", .boolean, or: "false", "vectors too, such as the gains of norms",
        why: "the paper leaves them out"),
      RecipeKey(
        "techniques.awp.scope", .choice(of: AdversaryScope.self), or: "batch",
        "whose gradient is followed; example is refused",
        why: "batch is the same at any number of ranks"),
    ],
    benchmark: .init("{awp: {start_epoch: 0}}"),
    notes: { installation in
      guard let awp = installation.parts.adversary as? AWP,
        awp.startEpoch * installation.parts.plan.stepsPerEpoch >= installation.totalSteps
      else { return [] }
      return [
        "\(installation.path).awp: never acts, the run ends before epoch \(awp.startEpoch); lower its start_epoch"
      ]
    },
    install: { section, installation in
      installation.parts.adversary = try AWP(section, state: installation.parts.state)
    }
  )
}
