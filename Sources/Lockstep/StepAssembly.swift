import Layers
import Optimizers
import Tensors
import Training

extension OptimizerRecipe {
  /// The optimizer of a recipe over a model's arenas, whose weights must be loaded: Lookahead begins with them.
  /// - Parameter range: the elements of the weights that it updates.
  func optimizer(for state: ModelState, range: Range<Int>?, workers: Workers) -> any Optimizer {
    let inner: any Optimizer =
      switch kind {
      case .adamw:
        AdamW(
          layout: state.layout, range: range, betas: (first: betas.0, second: betas.1), epsilon: epsilon,
          correctsBias: biasCorrection, workers: workers)
      case .sgd:
        SGD(layout: state.layout, range: range, momentum: momentum, isNesterov: nesterov, workers: workers)
      }
    guard let lookahead else { return inner }
    return Lookahead(
      inner, weights: state.weights, range: range, interval: lookahead.steps, fraction: lookahead.alpha,
      workers: workers)
  }
}

extension ScheduleRecipe {
  /// The schedule of a recipe, its warm-up in steps resolved.
  func schedule(totalSteps: Int, source: String) throws -> Optimizers.Schedule {
    let warmUp = try self.warmUp(totalSteps: totalSteps, source: source)
    let period = self.period ?? totalSteps
    let schedule = self.schedule(warmUp: warmUp, totalSteps: totalSteps, period: period)
    do {
      try schedule.validate()
    } catch {
      throw RecipeError(source: source, key: "schedule", problem: "is impossible: \(error)")
    }
    return schedule
  }

  private func schedule(warmUp: WarmUp, totalSteps: Int, period: Int) -> Optimizers.Schedule {
    switch kind {
    case .constant: .constant(warmUp: warmUp)
    case .linear: .linear(warmUp: warmUp, total: totalSteps)
    case .cosine: .cosine(warmUp: warmUp, total: totalSteps)
    case .polynomial: .polynomial(warmUp: warmUp, total: totalSteps, power: power, end: final)
    case .step: .step(interval: every, factor: gamma)
    case .exponential: .exponential(factor: gamma)
    case .cosineAnnealing: .cosineAnnealing(period: period, minimum: final)
    case .warmRestarts: .cosineWarmRestarts(period: period, multiplier: multiplier, minimum: final)
    case .oneCycle: .oneCycle(total: totalSteps)
    }
  }

  private func warmUp(totalSteps: Int, source: String) throws -> WarmUp {
    guard warmup >= 1 else { return WarmUp(ratio: warmup, of: totalSteps, skipsZero: warmupFromFirstStep) }
    guard warmup == warmup.rounded(), Int(warmup) <= totalSteps else {
      throw RecipeError(
        source: source, key: "schedule.warmup",
        problem: "is \(warmup) steps of \(totalSteps); give a whole number of steps up to that, or a share below 1")
    }
    return WarmUp(steps: Int(warmup), skipsZero: warmupFromFirstStep)
  }
}
