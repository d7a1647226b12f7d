import Optimizers

/// Recipe section `schedule`: how the learning rate moves over the committed steps.
public struct ScheduleRecipe {
  public enum Kind: String, Sendable, CaseIterable {
    case constant, linear, cosine, polynomial, step, exponential
    case cosineAnnealing = "cosine_annealing"
    case warmRestarts = "warm_restarts"
    case oneCycle = "one_cycle"
  }

  /// What the numbers of a schedule count.
  public enum Unit: String, Sendable, CaseIterable { case step, epoch }

  /// Keys of `one_cycle`, with the defaults of PyTorch's `OneCycleLR`.
  public struct OneCycle: Sendable {
    /// The share of all steps in which the rate rises.
    public var rise = 0.3
    /// The highest rate to the first one.
    public var start = 25.0
    /// The first rate to the last one.
    public var end = 10_000.0
    public var curve = Schedule.Curve.cosine
    /// Whether the momentum goes down as the rate goes up.
    public var cyclesMomentum = true
    public var lowestMomentum = 0.85
    public var highestMomentum = 0.95
  }

  public var kind: Kind
  public var unit: Unit
  /// Steps (or epochs) where at least 1, a share of all where below 1.
  public var warmup: Double
  /// The first step's learning rate is that of step 1, not 0.
  public var warmupFromFirstStep: Bool
  public var power: Double
  public var final: Double
  public var every: Int
  public var gamma: Double
  public var period: Int?
  public var multiplier: Int
  public var oneCycle: OneCycle

  init(_ section: Section) throws {
    kind = try section.choice("kind", default: .linear)
    unit = try section.choice("unit", default: .step)
    warmup = try section.number("warmup", default: 0, in: 0...1e9)
    warmupFromFirstStep = try section.boolean("warmup_from_first_step", default: false)
    power = try section.number("power", default: 1, in: 1e-3...100)
    final = try section.number("final", default: 0, in: 0...1e6)
    every = try section.integer("every", default: 1, atLeast: 1)
    gamma = try section.number("gamma", default: 0.1, in: 1e-6...1)
    period = try section.integer("period", atLeast: 1)
    multiplier = try section.integer("multiplier", default: 1, atLeast: 1, atMost: 1_000_000)
    oneCycle = try OneCycle(section)
    try section.finish()
    try refuseUnread(section)
  }

  /// Which kinds read a key; keys that are not listed are read by all.
  package static let readers: [(key: String, kinds: [Kind])] = [
    ("unit", Kind.allCases.filter { $0 != .oneCycle }),
    ("warmup", [.constant, .linear, .cosine, .polynomial]),
    ("warmup_from_first_step", [.constant, .linear, .cosine, .polynomial]),
    ("power", [.polynomial]),
    ("final", [.polynomial, .cosineAnnealing, .warmRestarts]),
    ("every", [.step]),
    ("gamma", [.step, .exponential]),
    ("period", [.cosineAnnealing, .warmRestarts]),
    ("multiplier", [.warmRestarts]),
    ("pct_start", [.oneCycle]), ("div_factor", [.oneCycle]), ("final_div_factor", [.oneCycle]),
    ("curve", [.oneCycle]), ("cycle_momentum", [.oneCycle]), ("base_momentum", [.oneCycle]),
    ("max_momentum", [.oneCycle]),
  ]

  private func refuseUnread(_ section: Section) throws {
    for (key, kinds) in Self.readers {
      let names = kinds.map(\.rawValue).joined(separator: ", ")
      try section.refuse(
        key, unless: kinds.contains(kind), "is not read by kind \(kind.rawValue)",
        kinds.count == 1 ? "take kind \(names)" : "take one of the kinds \(names)")
    }
    try section.refuse(
      "warmup_from_first_step", unless: warmup > 0, "belongs to a warm-up, and there is none", "give warmup")
    try section.refuse(
      "unit", unless: kind != .constant || warmup > 0, "counts the warm-up of kind constant, and there is none",
      "give warmup")
    try section.refuse(
      "base_momentum", "max_momentum", unless: oneCycle.cyclesMomentum, "belongs to cycle_momentum, which is false",
      "set that to true")
  }
}

extension ScheduleRecipe.OneCycle {
  fileprivate init(_ section: Section) throws {
    rise = try section.number("pct_start", default: rise, in: 0...1)
    start = try section.number("div_factor", default: start, in: 1...1e9)
    end = try section.number("final_div_factor", default: end, in: 1...1e12)
    curve = try section.choice("curve", default: curve)
    cyclesMomentum = try section.boolean("cycle_momentum", default: cyclesMomentum)
    lowestMomentum = try section.number("base_momentum", default: lowestMomentum, in: 0...0.999999)
    highestMomentum = try section.number("max_momentum", default: highestMomentum, in: 0...0.999999)
    if lowestMomentum > highestMomentum {
      throw section.error(
        "base_momentum", "is \(lowestMomentum), above max_momentum \(highestMomentum); give a lower one")
    }
  }
}
