import Data
import Recipes

/// The losses of a task, averaged over forwards and dropout samples.
public final class TaskObjective: Objective {
  private let task: any LearningTask

  public init(_ task: any LearningTask) { self.task = task }

  public var forwards: Int { 1 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    let scores = forward.allScores
    return scores.map { sample in
      let losses = task.losses(sample, forward.microbatch, forward.pass)
      return LossTerm(
        name: task.lossName, losses: losses.losses, weights: losses.weights, factor: 1 / Float(scores.count))
    }
  }
}

extension LearningTask {
  public func objective(_ techniques: Section, on rows: any Dataset) throws -> any Objective { TaskObjective(self) }
}
