import Layers
import Optimizers
import Recipes
import Tensors
import Training

/// An exponential moving average of the weights, which often scores better than the weights themselves.
///
///     shadow = d · shadow + (1 - d) · weights           after each committed step
///
/// - Papers: Polyak and Juditsky, Acceleration of stochastic approximation by averaging (1992); the warm decay is
///   TensorFlow's.
/// - `decay` (0.999): half of the shadow is from the last 693 steps. Take 0.99 for runs of a few hundred steps: with 0.999
///   61 % of the shadow are the initial weights after 500 steps.
/// - `warm` (false): d = min(decay, (1 + u) / (10 + u)) at update u from 1, so that the beginning is soon forgotten.
/// - `start` (0): the shadow is a copy of the weights after this many committed steps, and updated from the next one on.
/// - Running statistics are averaged as the weights are. Microbatches and skipped steps do not count.
/// - Cost: one pass over two arenas a step on rank 0, one arena of memory there. Saves: the shadow.
public final class EMA: WeightAverage {
  public let name: String
  public let decay: Double
  public let start: Int
  public let isWarm: Bool
  public let isOnEveryRank: Bool
  private var shadow: AverageArenas

  public init(
    of state: ModelState, name: String = "ema", decay: Double = 0.999, start: Int = 0, isWarm: Bool = false,
    isOnEveryRank: Bool = false
  ) {
    precondition((0...1).contains(decay) && start >= 0, "a decay of \(decay) from step \(start) is not an average")
    self.name = name
    self.decay = decay
    self.start = start
    self.isWarm = isWarm
    self.isOnEveryRank = isOnEveryRank
    shadow = AverageArenas(for: state)
  }

  /// Reads `decay`, `start` and `warm`.
  public convenience init(_ section: Section, state: ModelState) throws {
    let decay = try section.number("decay", default: 0.999, in: 0...1)
    let start = try section.integer("start", default: 0, atLeast: 0)
    let isWarm = try section.boolean("warm", default: false)
    try section.finish()
    self.init(of: state, decay: decay, start: start, isWarm: isWarm)
  }

  /// A teacher for self-distillation: warm, from the first step, on every rank.
  public static func teacher(of state: ModelState, decay: Double = 0.995) -> EMA {
    EMA(of: state, name: "teacher", decay: decay, isWarm: true, isOnEveryRank: true)
  }

  public func hasStarted(after steps: Int) -> Bool { steps >= start }

  public func update(after steps: Int, from state: ModelState) {
    guard steps >= start else { return }
    guard steps > start, let (weights, buffers) = shadow.arenas else {
      shadow.copy(from: state)
      return
    }
    let decay = isWarm ? Averaging.warmDecay(decay, update: steps - start) : decay
    Averaging.exponential(weights, of: state.weights, decay: decay)
    Averaging.exponential(buffers, of: state.buffers, decay: decay)
  }

  public var averages: (weights: Arena, buffers: Arena)? { shadow.arenas }

  public var checkpointValues: [String: Double] {
    get { ["kept": shadow.arenas == nil ? 0 : 1] }
    set { if newValue["kept"] == 1 { shadow.make() } }
  }

  public var checkpointArenas: [(name: String, arena: Arena)] { shadow.named() }
}

extension EMA {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "ema", .average,
    keys: [
      RecipeKey(
        "techniques.ema", .toggle, or: .otherwise("none"), "an exponential average of the weights, in models/ema"),
      RecipeKey(
        "techniques.ema.decay", .number(0...1), or: "0.999", "how slowly it moves",
        why: "half of it is from the last 693 steps; take 0.99 for runs of a few hundred"),
      RecipeKey("techniques.ema.start", .integer(atLeast: 0), or: "0", "steps before it begins"),
      RecipeKey(
        "techniques.ema.warm", .boolean, or: "false", "a smaller decay at first",
        why: "its beginning is then soon forgotten"),
    ],
    idle: [
      .init(
        "techniques.ema.decay", 1, "with 1 the average stays what it began as",
        remedy: "give less than 1, such as 0.999")
    ],
    benchmark: .init("{ema: {}}"),
    install: { section, installation in
      installation.parts.averages.append(try EMA(section, state: installation.parts.state))
    }
  )
}
