import Optimizers
import Tensors

/// What a run computes: everything that the weights after step t depend on, and what is written on the way.
public struct Recipe {
  public enum Length: Sendable, Equatable {
    case epochs(Int)
    case steps(Int)
  }

  public var source: String
  public var canonicalText: String
  /// Every value that was given, by its path.
  package var values: [String: String]
  public var seed: UInt64
  public var model: ModelRecipe
  public var data: DataRecipe
  public var batch: BatchRecipe
  public var length: Length
  public var precision: Precision
  public var optimizer: OptimizerRecipe
  public var schedule: ScheduleRecipe
  /// Largest norm of the gradient, or nil.
  public var clip: Double?
  /// Read by whoever knows techniques by name.
  public var techniques: Section?
  public var evaluate: EvaluationRecipe
  public var checkpoint: CheckpointRecipe
  public var verify: VerifyRecipe
  public var reduction: Reduction
  /// Threads of one rank; nil for one on each core that the rank may use.
  public var threads: Int?

  public init(_ document: RecipeDocument) throws {
    let section = try document.section()
    source = document.source
    canonicalText = document.canonicalText
    values = document.values
    seed = UInt64(try section.integer("seed", default: 2021, atLeast: 0))
    model = try ModelRecipe(Self.require("model", in: section))
    data = try DataRecipe(Self.require("data", in: section))
    batch = try BatchRecipe(section.section(orEmpty: "batch"))
    length = try Self.length(section)
    precision = try section.choice("precision", default: .fp32)
    optimizer = try OptimizerRecipe(section.section(orEmpty: "optimizer"))
    schedule = try ScheduleRecipe(section.section(orEmpty: "schedule"))
    clip = try section.positive("clip")
    techniques = try section.section("techniques")
    evaluate = try EvaluationRecipe(section.section(orEmpty: "evaluate"))
    checkpoint = try CheckpointRecipe(section.toggle(orDefaults: "checkpoint"))
    verify = try VerifyRecipe(section.section(orEmpty: "verify"))
    reduction = try Reduction(section)
    threads = try section.integer("threads", atLeast: 1)
    try section.finish()
    try checkReduction()
  }

  private static func require(_ key: String, in section: Section) throws -> Section {
    guard let found = try section.section(key) else { throw section.error(key, "is missing; add the section") }
    return found
  }

  private static func length(_ section: Section) throws -> Length {
    guard let steps = try section.integer("steps", atLeast: 1) else {
      return .epochs(try section.integer("epochs", default: 3, atLeast: 1))
    }
    guard !section.contains("epochs") else { throw section.error("steps", "is given beside epochs; keep one of them") }
    return .steps(steps)
  }
}
