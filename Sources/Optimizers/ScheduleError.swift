import Support

/// A number of a schedule that describes no curve.
public struct ScheduleError: ClassifiedError, Equatable, CustomStringConvertible {
  public let parameter: String
  public let value: Double
  public let requirement: String

  public var exitClass: ExitClass { .fault }

  public var description: String { "the schedule's \(parameter) is \(value): give it a value \(requirement)" }
}

extension Schedule {
  /// Checks numbers that come from outside; a schedule that fails it must not be asked for a rate.
  public func validate() throws(ScheduleError) {
    switch self {
    case .constant:
      break
    case .linear(_, let total), .cosine(_, let total):
      try Self.require(total >= 1, "total", Double(total), "of at least 1 step")
    case .polynomial(_, let total, let power, let end):
      try Self.require(total >= 1, "total", Double(total), "of at least 1 step")
      try Self.require(power > 0 && power.isFinite, "power", power, "above 0")
      try Self.require(end >= 0 && end.isFinite, "end", end, "of at least 0")
    case .cosineAnnealing(let period, let minimum):
      try Self.require(period >= 1, "period", Double(period), "of at least 1 step")
      try Self.require(minimum >= 0 && minimum.isFinite, "minimum", minimum, "of at least 0")
    case .cosineWarmRestarts(let period, let multiplier, let minimum):
      try Self.require(period >= 1, "period", Double(period), "of at least 1 step")
      try Self.require((1...1_000_000).contains(multiplier), "multiplier", Double(multiplier), "from 1 to 1000000")
      try Self.require(minimum >= 0 && minimum.isFinite, "minimum", minimum, "of at least 0")
    case .step(let interval, let factor):
      try Self.require(interval >= 1, "interval", Double(interval), "of at least 1 step")
      try Self.require(factor > 0 && factor.isFinite, "factor", factor, "above 0")
    case .exponential(let factor):
      try Self.require(factor > 0 && factor.isFinite, "factor", factor, "above 0")
    case .oneCycle(let total, let rise, let start, let end, _):
      try Self.require(total >= 0, "total", Double(total), "of at least 0 steps")
      try Self.require((0...1).contains(rise), "rise", rise, "from 0 to 1")
      try Self.require(start >= 1 && start.isFinite, "start", start, "of at least 1")
      try Self.require(end >= 1 && end.isFinite, "end", end, "of at least 1")
    case .annealed(let base, let start, let rate, let anneal, _):
      try base.validate()
      try Self.require(start >= 0, "start", Double(start), "of at least 0 steps")
      try Self.require(anneal >= 0, "anneal", Double(anneal), "of at least 0 steps")
      try Self.require(rate >= 0 && rate.isFinite, "learning_rate", rate, "of at least 0")
    case .perEpoch(let schedule, let steps):
      try schedule.validate()
      try Self.require(steps >= 1, "epoch", Double(steps), "of at least 1 step")
    }
  }

  private static func require(
    _ condition: Bool, _ parameter: String, _ value: Double, _ requirement: String
  ) throws(ScheduleError) {
    guard condition else { throw ScheduleError(parameter: parameter, value: value, requirement: requirement) }
  }
}
