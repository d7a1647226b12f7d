import Layers
import Optimizers
import Recipes
import Tensors
import Training

/// The equal mean of the weights at regular points late in the run (stochastic weight averaging).
///
///     mean = mean + (weights - mean) / (n + 1)              after steps start, start + every, start + 2 every …
///
/// - Paper: Izmailov et al., Averaging weights leads to wider optima and better generalization, arXiv:1803.05407.
/// - `start`: the first committed step (from 1) whose weights are taken; with `unit: epoch` the first epoch at whose end they
///   are. The paper begins at three quarters of the run. `every` (1): in the same unit.
/// - `learning_rate` (none): the rate to which the schedule goes from step `start` on, in `anneal.steps` steps (0) along
///   `anneal.kind` (`cosine` or `linear`), and stays: averaging needs weights that keep moving. Without it the schedule
///   continues as it is.
/// - `refresh` (`pooled`): how the running statistics of batch norms are made for the mean, see `StatisticsRefresh`.
/// - The last step is averaged where it is due; other trainers average at the start of an epoch and lose it.
/// - Cost: one pass over two arenas at each point, on rank 0, one arena of memory there. Saves: the mean and n.
public final class SWA: WeightAverage {
  /// How the learning rate goes while weights are averaged.
  public struct Rate: Sendable, Equatable {
    public var learningRate: Double
    public var steps = 0
    public var curve = Schedule.Curve.cosine

    public init(learningRate: Double, steps: Int = 0, curve: Schedule.Curve = .cosine) {
      self.learningRate = learningRate
      self.steps = steps
      self.curve = curve
    }
  }

  public let name = "swa"
  public let isOnEveryRank = false
  public let start: Int
  public let every: Int
  public let rate: Rate?
  public let refresh: StatisticsRefresh
  /// How many weights the mean is of.
  public private(set) var count = 0
  private var mean: AverageArenas

  public init(of state: ModelState, start: Int, every: Int = 1, rate: Rate? = nil, refresh: StatisticsRefresh = .pooled)
  {
    precondition(start >= 1 && every >= 1, "averaging from step \(start), every \(every) steps, is not possible")
    self.start = start
    self.every = every
    self.rate = rate
    self.refresh = refresh
    mean = AverageArenas(for: state)
  }

  /// Reads `start`, `every`, `unit`, `learning_rate`, `anneal` and `refresh`.
  public convenience init(_ section: Section, state: ModelState, stepsPerEpoch: Int) throws {
    let unit = try section.choice("unit", default: Unit.step) == .epoch ? stepsPerEpoch : 1
    guard let start = try section.integer("start", atLeast: 1) else {
      throw section.error("start", "is missing; give the first step whose weights are averaged, about 3/4 of the run")
    }
    let every = try section.integer("every", default: 1, atLeast: 1)
    let rate = try Self.rate(section)
    let refresh = try section.choice("refresh", default: StatisticsRefresh.pooled)
    try section.finish()
    try section.refuse(
      "refresh", unless: !state.batchNorms.isEmpty, "belongs to batch norms, which this model has none of",
      "train an image classifier")
    self.init(of: state, start: start * unit, every: every * unit, rate: rate, refresh: refresh)
  }

  private enum Unit: String, CaseIterable { case step, epoch }

  private static func rate(_ section: Section) throws -> Rate? {
    let learningRate = try section.number("learning_rate")
    if let learningRate, !(0...1e6).contains(learningRate) {
      throw section.error("learning_rate", "is \(learningRate); give a value from 0 to 1e6")
    }
    let anneal = try section.section(orEmpty: "anneal")
    let steps = try anneal.integer("steps", default: 0, atLeast: 0)
    let curve = try anneal.choice("kind", default: Schedule.Curve.cosine)
    try anneal.finish()
    guard let learningRate else {
      guard !section.contains("anneal") else {
        throw section.error("anneal", "has no rate to go to; give learning_rate next to it")
      }
      return nil
    }
    return Rate(learningRate: learningRate, steps: steps, curve: curve)
  }

  /// The run's schedule with the averaging's rate at its end. The step that makes the first weights to be averaged is
  /// number `start - 1` from 0, and the first at the new rate where nothing is annealed.
  public func schedule(_ base: Schedule) -> Schedule {
    guard let rate else { return base }
    return .annealed(
      base: base, start: start - 1, learningRate: rate.learningRate, anneal: rate.steps, curve: rate.curve)
  }

  public func hasStarted(after steps: Int) -> Bool { steps >= start }

  public func update(after steps: Int, from state: ModelState) {
    guard steps >= start, (steps - start) % every == 0 else { return }
    mean.make()
    guard let (weights, buffers) = mean.arenas else { return }
    Averaging.mean(weights, adding: state.weights, count: count)
    Averaging.mean(buffers, adding: state.buffers, count: count)
    count += 1
  }

  public var averages: (weights: Arena, buffers: Arena)? { mean.arenas }

  public var checkpointValues: [String: Double] {
    get { ["averaged": Double(count)] }
    set {
      count = Int(newValue["averaged"] ?? 0)
      if count > 0 { mean.make() }
    }
  }

  public var checkpointArenas: [(name: String, arena: Arena)] { mean.named() }
}

extension SWA {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "swa", .average,
    keys: [
      RecipeKey(
        "techniques.swa", .toggle, or: .otherwise("none"),
        "the mean of weights late in the run, in models/swa (Izmailov et al. 2018)"),
      RecipeKey(
        "techniques.swa.start", .integer(atLeast: 1), or: .required, "the first step whose weights are taken",
        why: "about three quarters of the run"),
      RecipeKey("techniques.swa.every", .integer(atLeast: 1), or: "1", "steps between weights that are taken"),
      RecipeKey("techniques.swa.unit", .choice(["step", "epoch"]), or: "step", "what start and every count"),
      RecipeKey(
        "techniques.swa.learning_rate", .number, or: .otherwise("the schedule continues"), "the rate from start on",
        why: "averaging needs weights that keep moving"),
      RecipeKey("techniques.swa.anneal", .mapping, or: .otherwise("at once"), "how that rate is reached"),
      RecipeKey("techniques.swa.anneal.steps", .integer(atLeast: 0), or: "0", "steps until it is reached"),
      RecipeKey(
        "techniques.swa.anneal.kind", .choice(of: Schedule.Curve.self), or: "cosine", "the curve to it",
        why: "as PyTorch's SWALR"),
      RecipeKey(
        "techniques.swa.refresh", .choice(of: StatisticsRefresh.self), or: "pooled",
        "how batch norms get statistics for the mean",
        why:
          "pooled is exact for the inputs of training; parity is PyTorch's update_bn; the page on batch norms compares them"
      ),
    ],
    benchmark: .init("{swa: {start: 1}}"),
    notes: { installation in
      let end = installation.totalSteps
      return installation.parts.averages.compactMap { $0 as? SWA }
        .filter { $0.hasStarted(after: end) && $0.start + $0.every > end }
        .map {
          "\(installation.path).swa: averages one set of weights alone, that of step \($0.start): the next is"
            + " \($0.every) steps later, and the run ends after step \(end); lower its start or its every"
        }
    },
    install: { section, installation in
      let parts = installation.parts
      let average = try SWA(section, state: parts.state, stepsPerEpoch: parts.plan.stepsPerEpoch)
      installation.parts.averages.append(average)
      let (schedule, base) = (average.schedule(installation.schedule), installation.learningRate)
      installation.parts.learningRate = { schedule.learningRate(at: $0, base: base) }
    }
  )
}
