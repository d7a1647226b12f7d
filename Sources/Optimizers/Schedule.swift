import Tensors

/// The learning rate as a pure function of the step; nothing to save, nothing to advance twice.
///
/// A step is a committed optimizer step, counted from 0: the rate is used *by* that step. Microbatches, ranks and skipped
/// steps do not count. Beyond its last step a schedule stays where it ended. The curves are those of PyTorch's
/// `lr_scheduler` and of `transformers.optimization`, named in each case.
public indirect enum Schedule: Sendable, Equatable, Codable {
  /// `get_constant_schedule_with_warmup`.
  case constant(warmUp: WarmUp = .none)
  /// Straight down to 0 at `total`: `get_linear_schedule_with_warmup`.
  case linear(warmUp: WarmUp = .none, total: Int)
  /// Half a cosine down to 0 at `total`: `get_cosine_schedule_with_warmup` (Loshchilov and Hutter, arXiv:1608.03983).
  case cosine(warmUp: WarmUp = .none, total: Int)
  /// (1 - progress)^power down to `end` at `total`: `get_polynomial_decay_schedule_with_warmup`.
  case polynomial(warmUp: WarmUp = .none, total: Int, power: Double = 1, end: Double = 1e-7)
  /// Half a cosine down to `minimum` at `period`, and up again as PyTorch continues: `CosineAnnealingLR`.
  case cosineAnnealing(period: Int, minimum: Double = 0)
  /// Cosines that start anew, each `multiplier` times as long as the one before: `CosineAnnealingWarmRestarts`.
  case cosineWarmRestarts(period: Int, multiplier: Int = 1, minimum: Double = 0)
  /// Times `factor` every `interval` steps: `StepLR`.
  case step(interval: Int, factor: Double = 0.1)
  /// Times `factor` every step: `ExponentialLR`.
  case exponential(factor: Double)
  /// Up from base / `start` to the base rate in the first `rise` of all steps, then down to base / (`start` · `end`) at
  /// `total`, along `curve`: `OneCycleLR` with `total_steps` total + 1, whose last step is number `total`
  /// (Smith and Topin, arXiv:1708.07120). `CycledMomentum` is what goes the other way.
  case oneCycle(
    total: Int, rise: Double = 0.3, start: Double = 25, end: Double = 10_000, curve: AnnealingCurve = .cosine)
  /// `base` until `start`, and from the rate it had there to `learningRate` in `anneal` steps: `SWALR`, for weight
  /// averaging (Izmailov et al., arXiv:1803.05407).
  case annealed(base: Schedule, start: Int, learningRate: Double, anneal: Int, curve: AnnealingCurve = .cosine)
  /// Another schedule that counts in epochs of so many steps and stands still within each: PyTorch's schedulers where
  /// `step()` is called once an epoch.
  case perEpoch(Schedule, steps: Int)

  public typealias Curve = AnnealingCurve

  /// The learning rate that the given step uses.
  ///
  /// - Parameter base: the recipe's learning rate, which is the highest that a curve reaches.
  public func learningRate(at step: Int, base: Double) -> Double {
    require(step >= 0, "steps are counted from 0, not \(step)")
    let time = Double(step)
    switch self {
    case .constant(let warmUp):
      return base * (warmUp.factor(at: step) ?? 1)
    case .linear(let warmUp, let total):
      return base * (warmUp.factor(at: step) ?? 1 - warmUp.progress(at: step, total: total))
    case .cosine(let warmUp, let total):
      return base * (warmUp.factor(at: step) ?? cosineFall(warmUp.progress(at: step, total: total)))
    case .polynomial(let warmUp, let total, let exponent, let end):
      if let factor = warmUp.factor(at: step) { return base * factor }
      return end + (base - end) * power(1 - warmUp.progress(at: step, total: total), exponent)
    case .cosineAnnealing(let period, let minimum):
      return minimum + (base - minimum) * cosineFall(time / Double(period))
    case .cosineWarmRestarts(let period, let multiplier, let minimum):
      let cycle = Self.cycle(at: step, period: period, multiplier: multiplier)
      return minimum + (base - minimum) * cosineFall(Double(cycle.step) / Double(cycle.period))
    case .step(let interval, let factor):
      return base * power(factor, Double(step / interval))
    case .exponential(let factor):
      return base * power(factor, time)
    case .oneCycle(let total, let rise, let start, let end, let curve):
      let cycle = Cycle(total: total, rise: rise, curve: curve)
      return cycle.value(at: step, first: base / start, middle: base, last: base / start / end)
    case .annealed(let schedule, let start, let target, let anneal, let curve):
      let first = schedule.learningRate(at: min(step, start), base: base)
      guard step >= start else { return first }
      let progress = anneal == 0 ? 1 : min(1, Double(step - start) / Double(anneal))
      let share = curve.share(progress)
      return target * share + first * (1 - share)
    case .perEpoch(let schedule, let steps):
      return schedule.learningRate(at: step / steps, base: base)
    }
  }

  /// Which cycle of the warm restarts the step lies in: its place in it and its length.
  private static func cycle(at step: Int, period: Int, multiplier: Int) -> (step: Int, period: Int) {
    guard multiplier > 1 else { return (step % period, period) }
    var (step, period) = (step, period)
    while step >= period {
      step -= period
      let (longer, isTooLong) = period.multipliedReportingOverflow(by: multiplier)
      period = isTooLong ? .max : longer
    }
    return (step, period)
  }
}
