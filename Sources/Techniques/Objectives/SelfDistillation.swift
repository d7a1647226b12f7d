import Layers
import Recipes
import Tensors
import Training

/// Pulls the scores toward those of a teacher that is an average of the model's own past weights.
///
///     loss = … + coefficient · mean over rows and classes of (student scores - teacher scores)²
///
/// - Paper: Xu et al., Improving BERT fine-tuning via self-ensemble and self-distillation, arXiv:2002.10345. The published
///   code averages exponentially (`decay`), the paper takes the mean of the last K students (`last`).
/// - `coefficient` (1): the weight of the squares, as the published code has it.
/// - `decay` (0.995), warmed as min(decay, (1 + t) / (10 + t)); or `last: K` for the mean of the last K students.
/// - The teacher is in evaluation mode and has no gradient. Every rank keeps it and moves it after each committed step, the
///   same bits everywhere and no traffic; it has the student's layout, so no weight is joined with another's.
/// - With several forwards or dropout samples each is compared with the teacher, and the squares are averaged.
/// - Cost: one forward in evaluation mode a step (a third of a step), one or `last` arenas of memory. Saves: the teacher.
public final class SelfDistillation: Objective {
  public let coefficient: Double
  public let teacher: any WeightAverage

  private let task: any LearningTask

  public init(coefficient: Double = 1, teacher: any WeightAverage, task: any LearningTask) {
    precondition(teacher.isOnEveryRank, "\(teacher.name) is on rank 0 alone: every rank needs its teacher's scores")
    self.coefficient = coefficient
    self.teacher = teacher
    self.task = task
  }

  /// Reads `coefficient`, and `decay` or `last` for the teacher.
  public convenience init(_ section: Section, state: ModelState, task: any LearningTask) throws {
    let coefficient = try section.number("coefficient", default: 1, in: 0...1e6)
    let last = try section.integer("last", atLeast: 1, atMost: 64)
    if last != nil, section.contains("decay") {
      throw section.error("last", "is given next to decay; keep one of them")
    }
    let decay = try section.number("decay", default: 0.995, in: 0...1)
    try section.finish()
    let teacher: any WeightAverage =
      last.map { LastStudents(of: state, count: $0) } ?? EMA.teacher(of: state, decay: decay)
    self.init(coefficient: coefficient, teacher: teacher, task: task)
  }

  public var forwards: Int { 1 }

  public func terms(_ forward: Forward) -> [LossTerm] {
    guard let (weights, buffers) = teacher.averages else {
      preconditionFailure("the teacher has no weights at step \(forward.context.step): averages begin before step 0")
    }
    let target = forward.scores(under: weights, buffers: buffers)
    let scores = forward.allScores
    return scores.map { student -> LossTerm in
      let distance = task.distance(student, target, forward.microbatch, forward.pass)
      return LossTerm(
        name: "self_distillation", losses: distance.losses, weights: distance.weights,
        factor: Float(coefficient / Double(scores.count)))
    }
  }
}

extension SelfDistillation {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "self_distillation", .objective,
    keys: [
      RecipeKey(
        "techniques.self_distillation", .toggle, or: .otherwise("none"),
        "scores follow those of an average of past weights (Xu et al. 2020)"),
      RecipeKey(
        "techniques.self_distillation.coefficient", .number(0...1e6), or: "1", "weight of the squares",
        why: "the published code's"),
      RecipeKey(
        "techniques.self_distillation.decay", .number(0...1), or: "0.995", "of the teacher's exponential average",
        why: "half of the teacher is from the last 138 steps"),
      RecipeKey(
        "techniques.self_distillation.last", .integer(atLeast: 1, atMost: 64), or: .otherwise("decay decides"),
        "the mean of the last K weights in its place"),
    ],
    idle: [
      .init("techniques.self_distillation.coefficient", 0, "0 costs a teacher and adds nothing")
    ],
    benchmark: .init("{self_distillation: {}}"),
    install: { section, installation in
      let parts = installation.parts
      let distillation = try SelfDistillation(section, state: parts.state, task: parts.task)
      installation.objectives.append(distillation)
      installation.parts.averages.append(distillation.teacher)
    }
  )
}
