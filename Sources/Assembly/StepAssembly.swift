import Layers
import Optimizers
import Recipes
import Tensors

extension OptimizerRecipe {
  /// The optimizer of a recipe over a model's arenas, whose weights must be loaded: Lookahead begins with them.
  /// - Parameters:
  ///   - range: the elements of the weights that it updates.
  ///   - cycle: what will move its momentum, if anything.
  func optimizer(
    for state: ModelState, range: Range<Int>?, cycle: CycledMomentum?, workers: Workers
  ) -> any Optimizer {
    let inner: any Optimizer =
      switch kind {
      case .adamw:
        AdamW(
          layout: state.layout, range: range, betas: (first: betas.0, second: betas.1), epsilon: epsilon,
          correctsBias: biasCorrection, workers: workers)
      case .sgd:
        SGD(
          layout: state.layout, range: range, momentum: cycle?.highest ?? momentum, isNesterov: nesterov,
          workers: workers)
      }
    guard let lookahead else { return inner }
    return Lookahead(
      inner, weights: state.weights, range: range, interval: lookahead.steps, fraction: lookahead.alpha,
      workers: workers)
  }
}

extension ScheduleRecipe {
  /// The schedule of a recipe, its warm-up resolved.
  ///
  /// With `unit: epoch` it counts epochs, of which the last may be cut short, and its value changes between them alone.
  package func schedule(totalSteps: Int, stepsPerEpoch: Int, source: String) throws -> Optimizers.Schedule {
    let total = unit == .step ? totalSteps : (totalSteps - 1) / stepsPerEpoch + 1
    let counted = try schedule(warmUp: warmUp(of: total, source: source), total: total, period: period ?? total)
    let schedule = unit == .step ? counted : .perEpoch(counted, steps: stepsPerEpoch)
    do {
      try schedule.validate()
    } catch {
      throw RecipeError(source: source, key: "schedule", problem: "is impossible: \(error)")
    }
    return schedule
  }

  private func schedule(warmUp: WarmUp, total: Int, period: Int) -> Optimizers.Schedule {
    switch kind {
    case .constant: .constant(warmUp: warmUp)
    case .linear: .linear(warmUp: warmUp, total: total)
    case .cosine: .cosine(warmUp: warmUp, total: total)
    case .polynomial: .polynomial(warmUp: warmUp, total: total, power: power, end: final)
    case .step: .step(interval: every, factor: gamma)
    case .exponential: .exponential(factor: gamma)
    case .cosineAnnealing: .cosineAnnealing(period: period, minimum: final)
    case .warmRestarts: .cosineWarmRestarts(period: period, multiplier: multiplier, minimum: final)
    case .oneCycle:
      .oneCycle(
        total: total - 1, rise: oneCycle.rise, start: oneCycle.start, end: oneCycle.end, curve: oneCycle.curve)
    }
  }

  /// The momentum that goes with the schedule; nil where it stays the optimizer's.
  package func momentum(totalSteps: Int) -> CycledMomentum? {
    guard kind == .oneCycle, oneCycle.cyclesMomentum else { return nil }
    return CycledMomentum(
      total: totalSteps - 1, rise: oneCycle.rise, lowest: oneCycle.lowestMomentum, highest: oneCycle.highestMomentum,
      curve: oneCycle.curve)
  }

  private func warmUp(of total: Int, source: String) throws -> WarmUp {
    guard warmup >= 1 else { return WarmUp(ratio: warmup, of: total, skipsZero: warmupFromFirstStep) }
    guard warmup == warmup.rounded(), Int(warmup) <= total else {
      throw RecipeError(
        source: source, key: "schedule.warmup",
        problem:
          "is \(warmup.written) \(unit.rawValue)s of \(total); give a whole number up to that, or a share below 1")
    }
    return WarmUp(steps: Int(warmup), skipsZero: warmupFromFirstStep)
  }
}
