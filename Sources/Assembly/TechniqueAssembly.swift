import Layers
import Optimizers
import Recipes
import Tasks
import Techniques
import Tensors
import Training

/// Recipe section `techniques`: puts each one in its place among the parts of a run.
///
/// A technique's keys, defaults and place are on its own card. `{}` or `true` takes the defaults, `false` leaves it out.
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
      // A task may have its own objective, such as one of the whole batch.
      parts.objective = try parts.task.objective(.empty("techniques"), on: parts.dataset)
      return []
    }
    var installation = TechniqueInstallation(
      parts, frozen: frozen, dropoutSamples: dropoutSamples, schedule: schedule, learningRate: learningRate,
      totalSteps: totalSteps, path: techniques.path)
    try checkObjectives(techniques, of: parts.task)
    installation.objectives = [try parts.task.objective(techniques, on: parts.dataset)]
    var adversary: String?
    for card in TechniqueList.all { try install(card, techniques, &installation, adversary: &adversary) }
    parts = installation.parts
    let objectives = installation.objectives
    parts.objective = objectives.count == 1 ? objectives[0] : ObjectiveSum(objectives)
    installation.parts.objective = parts.objective
    try checkScope(of: adversary, techniques, parts)
    try techniques.finish()
    return averagesThatNeverStart(techniques, parts) + TechniqueList.all.flatMap { $0.notes(installation) }
  }

  private func install(
    _ card: TechniqueCard, _ techniques: Section, _ installation: inout TechniqueInstallation, adversary: inout String?
  ) throws {
    switch card.place {
    case .loss: return
    case .freezing: try card.install(techniques, &installation)
    case .objective, .head, .adversary, .average:
      guard let section = try techniques.toggle(card.key) else { return }
      if card.place == .adversary {
        if let adversary {
          throw techniques.error(card.key, "is given next to \(adversary); keep one adversary, they do not add up")
        }
        adversary = card.key
      }
      try card.install(section, &installation)
    }
  }

  /// - Throws: `RecipeError` where a technique is for losses of other tasks.
  private func checkObjectives(_ techniques: Section, of task: any LearningTask) throws {
    for key in TaskKinds.all.flatMap({ $0.objectives }) where !type(of: task).objectives.contains(key) {
      guard try techniques.toggle(key) != nil else { continue }
      let kinds = TaskKinds.all.filter { $0.objectives.contains(key) }.map { $0.kind }.joined(separator: " and ")
      throw techniques.error(key, "is for \(kinds), and the task is \(type(of: task).kind); leave it out")
    }
  }

  /// - Throws: `RecipeError` where an adversary follows less than the batch that the loss is of.
  private func checkScope(of adversary: String?, _ techniques: Section, _ parts: TrainingParts) throws {
    guard let key = adversary, let scope = parts.adversary?.scope, scope != .batch,
      parts.objective is any BatchObjective
    else { return }
    throw techniques.error(
      key,
      "has the scope \(scope.rawValue), and the loss of \(type(of: parts.task).kind) is of the whole batch;"
        + " take scope batch")
  }

  private func averagesThatNeverStart(_ techniques: Section, _ parts: TrainingParts) -> [String] {
    parts.averages.filter { !$0.hasStarted(after: totalSteps) }.map {
      "\(techniques.path).\($0.name): never starts, the run ends after step \(totalSteps); lower its start"
    }
  }
}
