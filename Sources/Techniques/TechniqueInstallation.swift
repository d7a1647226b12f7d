import Optimizers
import Recipes
import Training

/// The parts of a run while the techniques of its recipe are put in place.
package struct TechniqueInstallation {
  package var parts: TrainingParts
  /// What is minimised: the task's objective first.
  package var objectives: [any Objective] = []
  /// Entries of `freeze` that never act, a line each.
  package var idleEntries: [String] = []
  /// `model.freeze`: what is frozen all the time.
  package let frozen: [String]
  /// Samples of the dropout head.
  package let dropoutSamples: Int
  package let schedule: Optimizers.Schedule
  /// The recipe's learning rate, on which the schedule is based.
  package let learningRate: Double
  package let totalSteps: Int
  /// Where the techniques stand in the recipe.
  package let path: String

  package init(
    _ parts: TrainingParts, frozen: [String], dropoutSamples: Int, schedule: Optimizers.Schedule, learningRate: Double,
    totalSteps: Int, path: String
  ) {
    (self.parts, self.frozen, self.dropoutSamples) = (parts, frozen, dropoutSamples)
    (self.schedule, self.learningRate, self.totalSteps, self.path) = (schedule, learningRate, totalSteps, path)
  }
}
