import Optimizers
import Recipes
import Techniques

/// Keys of a recipe that its run reads and that change nothing in it: a line each. A run of other length, or with validation
/// rows, may need them, so they are no errors.
struct IdleKeys {
  private let recipe: Recipe
  private let steps: Int
  private let stepsPerEpoch: Int
  private let hasValidation: Bool

  init(_ recipe: Recipe, steps: Int, stepsPerEpoch: Int, hasValidation: Bool) {
    (self.recipe, self.steps, self.stepsPerEpoch) = (recipe, steps, stepsPerEpoch)
    self.hasValidation = hasValidation
  }

  var notes: [String] { (optimizer + schedule + validation + switchedOff).map(text) }

  private typealias Note = (key: String, reason: String, remedy: String)

  private func text(_ note: Note) -> String { "\(note.key): has no effect: \(note.reason); \(note.remedy)" }

  private var end: String { steps == 1 ? "the run ends after step 1" : "the run ends after step \(steps)" }

  private func number(_ path: String) -> Double? { recipe.values[path].flatMap(Double.init) }

  private var optimizer: [Note] {
    var notes: [Note] = []
    if recipe.schedule.kind == .oneCycle, recipe.schedule.oneCycle.cyclesMomentum, recipe.optimizer.kind == .adamw,
      recipe.values.keys.contains(where: { $0.hasPrefix("optimizer.betas") })
    {
      notes.append(
        (
          "optimizer.betas",
          "one_cycle moves the first of them from schedule.max_momentum to schedule.base_momentum and"
            + " back (the second counts)", "set schedule.cycle_momentum to false to keep it"
        ))
    }
    if let lookahead = recipe.optimizer.lookahead {
      if lookahead.steps > steps {
        notes.append(("optimizer.lookahead.steps", "it is \(lookahead.steps), and \(end)", "lower it"))
      }
      if lookahead.alpha == 1 {
        notes.append(("optimizer.lookahead.alpha", "with 1 the slow weights are the fast ones", "give less than 1"))
      }
    }
    return notes
  }

  private var schedule: [Note] {
    let schedule = recipe.schedule
    let unit = schedule.unit == .epoch ? stepsPerEpoch : 1
    var notes: [Note] = []
    func isBeyond(_ count: Int) -> Bool {
      count.multipliedReportingOverflow(by: unit).overflow || count * unit >= steps
    }
    if schedule.kind == .step, isBeyond(schedule.every) {
      notes.append(
        (
          "schedule.every", "the rate first falls after \(schedule.every) \(schedule.unit.rawValue)s, and \(end)",
          "lower it"
        ))
    }
    if schedule.kind == .warmRestarts, let period = schedule.period, isBeyond(period) {
      notes.append(
        ("schedule.period", "the rate restarts after \(period) \(schedule.unit.rawValue)s, and \(end)", "lower it"))
    }
    if [.step, .exponential].contains(schedule.kind), schedule.gamma == 1 {
      notes.append(("schedule.gamma", "with 1 the rate stays as it is", "give less than 1"))
    }
    return notes
  }

  private var validation: [Note] {
    guard !hasValidation else { return [] }
    let keys = [
      ("evaluate.patience", recipe.evaluate.patience != nil),
      ("checkpoint.keep_improvements", recipe.checkpoint.keepImprovements > 0),
    ]
    return keys.filter(\.1).map {
      ($0.0, "there are no validation rows to measure", "give data.validation or data.split, or leave it out")
    }
  }

  /// Techniques whose strength is nothing.
  private var switchedOff: [Note] {
    TechniqueList.all.flatMap(\.idle).filter { number($0.path) == $0.value }.map { ($0.path, $0.reason, $0.remedy) }
  }
}
