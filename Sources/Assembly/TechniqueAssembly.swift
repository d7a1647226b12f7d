import Layers
import Optimizers
import Recipes
import Tasks
import Techniques
import Tensors
import Training

/// Recipe section `techniques`: puts each one in its place among the parts of a run.
///
///     label_smoothing class_weights focal_loss r_drop self_distillation multi_sample_dropout   what is minimised
///     fgm pgd awp                                                                              which gradient is used
///     ema swa                                                                                  what becomes of the weights
///     freeze                                                                                   what is trained, and when
///
/// A technique's keys and defaults are on its own card. `{}` or `true` takes the defaults, `false` leaves it out.
package struct TechniqueAssembly {
  package var techniques: Section?
  /// `model.freeze`: what is frozen all the time.
  package var frozen: [String] = []
  /// Samples of the dropout head.
  package var dropoutSamples = 1
  package var schedule: Optimizers.Schedule
  /// The recipe's learning rate, on which the schedule is based.
  package var learningRate: Double
  package var totalSteps: Int

  package init(_ techniques: Section?, schedule: Optimizers.Schedule, learningRate: Double, totalSteps: Int) {
    self.techniques = techniques
    self.schedule = schedule
    self.learningRate = learningRate
    self.totalSteps = totalSteps
  }

  /// Replaces the parts that the recipe's techniques stand for.
  /// - Returns: what the user should know: techniques that will do nothing.
  /// - Throws: `RecipeError` that names the key.
  package func install(in parts: inout TrainingParts) throws -> [String] {
    guard let techniques else {
      // A task may have an objective of its own, such as one of the whole batch.
      parts.objective = try parts.task.objective(.empty("techniques"), on: parts.dataset)
      return []
    }
    try installObjective(techniques, in: &parts)
    parts.adversary = try adversary(techniques, state: parts.state)
    if let adversary = parts.adversary, adversary.scope != .batch, parts.objective is any BatchObjective {
      let key = ["fgm", "pgd", "awp"].first(where: techniques.contains) ?? ""
      throw techniques.error(
        key,
        "has the scope \(adversary.scope.rawValue), and the loss of \(type(of: parts.task).kind) is of the whole batch;"
          + " take scope batch")
    }
    try installAverages(techniques, in: &parts)
    let entries = try techniques.sections("freeze")
    var idle: [String] = []
    if !entries.isEmpty {
      let schedule = try FreezeSchedule(
        entries, always: frozen, state: parts.state, stepsPerEpoch: parts.plan.stepsPerEpoch)
      parts.frozenPaths = schedule.paths
      parts.freezingChanges = schedule.changes
      idle = schedule.entries.enumerated().filter { $1.steps.lowerBound >= totalSteps }.map { index, entry in
        "\(entries[index].path): never acts, it begins after step \(entry.steps.lowerBound) and the run ends after step"
          + " \(totalSteps); lower its from_step or from_epoch"
      }
    }
    try techniques.finish()
    return notes(techniques, parts) + idle
  }

  // MARK: What is minimised

  private func installObjective(_ techniques: Section, in parts: inout TrainingParts) throws {
    let task = parts.task
    for key in TaskKinds.all.flatMap({ $0.objectives }) where !type(of: task).objectives.contains(key) {
      guard try techniques.toggle(key) != nil else { continue }
      let kinds = TaskKinds.all.filter { $0.objectives.contains(key) }.map { $0.kind }.joined(separator: " and ")
      throw techniques.error(key, "is for \(kinds), and the task is \(type(of: task).kind); leave it out")
    }
    var objectives = [try task.objective(techniques, on: parts.dataset)]
    if let section = try techniques.toggle("r_drop") {
      let drop = try RDrop(section, task: task)
      if drop.tokens == .all { parts.dataset = parts.dataset.scoringAllTokens }
      objectives.append(drop)
    }
    if let section = try techniques.toggle("self_distillation") {
      let distillation = try SelfDistillation(section, state: parts.state, task: task)
      objectives.append(distillation)
      parts.averages.append(distillation.teacher)
    }
    parts.objective = objectives.count == 1 ? objectives[0] : ObjectiveSum(objectives)
    if let section = try techniques.toggle("multi_sample_dropout") {
      if type(of: task).givesVectors || task is any VocabularyTask {
        throw techniques.error(
          "multi_sample_dropout",
          "samples the dropout of a head, and that of \(type(of: task).kind) has none; leave it out")
      }
      parts.model = try MultiSampleDropout.model(parts.model, section, samples: dropoutSamples)
    }
  }

  // MARK: Which gradient is used

  private func adversary(_ techniques: Section, state: ModelState) throws -> (any Adversary)? {
    let given = try ["fgm", "pgd", "awp"].compactMap { key in try techniques.toggle(key).map { (key, $0) } }
    if given.count > 1 {
      throw techniques.error(given[1].0, "is given next to \(given[0].0); keep one adversary, they do not add up")
    }
    guard let (key, section) = given.first else { return nil }
    return switch key {
    case "fgm": try FGM(section, state: state)
    case "pgd": try PGD(section, state: state)
    default: try AWP(section, state: state)
    }
  }

  // MARK: What becomes of the weights

  private func installAverages(_ techniques: Section, in parts: inout TrainingParts) throws {
    if let section = try techniques.toggle("ema") { parts.averages.append(try EMA(section, state: parts.state)) }
    guard let section = try techniques.toggle("swa") else { return }
    let average = try SWA(section, state: parts.state, stepsPerEpoch: parts.plan.stepsPerEpoch)
    parts.averages.append(average)
    let schedule = average.schedule(schedule)
    parts.learningRate = { [learningRate] in schedule.learningRate(at: $0, base: learningRate) }
  }

  // MARK: Techniques that will do nothing

  private func notes(_ techniques: Section, _ parts: TrainingParts) -> [String] {
    var notes: [String] = []
    let drops = parts.state.dropoutProbabilities.contains { $0.probability > 0 }
    if !drops, parts.objective.forwards > 1 {
      notes.append(
        "\(techniques.path).r_drop: the model has no dropout, so both forwards agree; set one, or leave it out")
    }
    for average in parts.averages where !average.hasStarted(after: totalSteps) {
      notes.append(
        "\(techniques.path).\(average.name): never starts, the run ends after step \(totalSteps); lower its start")
    }
    for case let average as SWA in parts.averages where average.hasStarted(after: totalSteps) {
      guard average.start + average.every > totalSteps else { continue }
      notes.append(
        "\(techniques.path).swa: averages one set of weights alone, that of step \(average.start): the next is"
          + " \(average.every) steps later, and the run ends after step \(totalSteps); lower its start or its every")
    }
    if let adversary = parts.adversary as? AWP, adversary.startEpoch * parts.plan.stepsPerEpoch >= totalSteps {
      notes.append(
        "\(techniques.path).awp: never acts, the run ends before epoch \(adversary.startEpoch); lower its start_epoch")
    }
    return notes
  }
}
