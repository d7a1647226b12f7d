/// One rise and one fall over all steps, as `OneCycleLR` has them: from `first` to `middle` at step rise · (total + 1) - 1,
/// and on to `last` at step `total`, where it stays.
struct Cycle: Sendable, Equatable, Codable {
  var total: Int
  var rise: Double
  var curve: AnnealingCurve

  func value(at step: Int, first: Double, middle: Double, last: Double) -> Double {
    let (time, end) = (Double(step), Double(total))
    let top = rise * (end + 1) - 1
    if time <= top, top > 0 { return between(first, middle, time / top) }
    return between(middle, last, time < end ? (time - top) / (end - top) : 1)
  }

  private func between(_ start: Double, _ end: Double, _ progress: Double) -> Double {
    let share = curve.share(progress)
    return end * share + start * (1 - share)
  }
}

/// Momentum that goes down while the rate of `Schedule.oneCycle` goes up, and up again while it falls: `cycle_momentum` of
/// `OneCycleLR`.
public struct CycledMomentum: Sendable, Equatable {
  /// At the highest rate.
  public var lowest: Double
  /// At the first and the last step.
  public var highest: Double
  private let cycle: Cycle

  /// - Parameter total: the number of the last step, as in `Schedule.oneCycle`.
  public init(
    total: Int, rise: Double = 0.3, lowest: Double = 0.85, highest: Double = 0.95, curve: AnnealingCurve = .cosine
  ) {
    self.lowest = lowest
    self.highest = highest
    cycle = Cycle(total: total, rise: rise, curve: curve)
  }

  /// What the given step, from 0, uses as SGD's momentum or AdamW's first beta.
  public func momentum(at step: Int) -> Double {
    cycle.value(at: step, first: highest, middle: lowest, last: highest)
  }
}
