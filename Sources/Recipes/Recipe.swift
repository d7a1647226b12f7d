import DataParallel
import Optimizers
import Tensors

/// What a run computes: everything that the weights after step t depend on, and what is written on the way.
public struct Recipe {
  public enum Length: Sendable, Equatable {
    case epochs(Int)
    case steps(Int)
  }

  public typealias Reduction = ReductionSettings

  public var source: String
  public var canonicalText: String
  /// Every value that was given, by its path.
  package var values: [String: String]
  public var seed: UInt64
  public var model: ModelRecipe
  public var data: DataRecipe
  public var task: TaskRecipe
  public var batch: BatchRecipe
  public var length: Length
  public var precision: Precision
  /// Who multiplies matrices.
  public var numerics: Numerics
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

  public init(_ document: RecipeDocument) throws { try self.init(document, document.section()) }

  private init(_ document: RecipeDocument, _ section: Section) throws {
    section.reading.allPaths = { Self.keyPaths }
    source = document.source
    canonicalText = document.canonicalText
    values = document.values
    seed = UInt64(try section.integer("seed", default: 2021, atLeast: 0, atMost: .max))
    model = try ModelRecipe(Self.require("model", in: section))
    data = try DataRecipe(Self.require("data", in: section))
    task = try TaskRecipe(section.section(orEmpty: "task"))
    batch = try BatchRecipe(section.section(orEmpty: "batch"))
    length = try Self.length(section)
    precision = try section.choice("precision", default: .fp32)
    numerics = try section.choice("numerics", default: .portable)
    optimizer = try OptimizerRecipe(section.section(orEmpty: "optimizer"))
    schedule = try ScheduleRecipe(section.section(orEmpty: "schedule"))
    clip = try section.positive("clip")
    techniques = try section.section("techniques")
    evaluate = try EvaluationRecipe(section.section(orEmpty: "evaluate"))
    checkpoint = try CheckpointRecipe(section.toggle(orDefaults: "checkpoint"))
    verify = try VerifyRecipe(section.section(orEmpty: "verify"))
    reduction = try Reduction(section)
    threads = try section.integer("threads", atLeast: 1, atMost: 1024)
    try section.finish()
    try checkReduction()
    try checkKind(section)
    try checkMomentum(section)
  }

  /// The paths of all keys that are read whatever a recipe holds; techniques and what lies below them are not among them.
  package static let keyPaths: [String] = {
    let text =
      "{model: {configuration: {}}, data: {train: rows.tsv, split: {}, windows: {}}, optimizer: {lookahead: {}},"
      + " reduction: {}}"
    guard let document = try? RecipeDocument(yaml: text, source: ""), let section = try? document.section() else {
      return []
    }
    _ = try? Recipe(document, section)
    return section.reading.keys.keys.sorted()
  }()

  /// - Throws: `RecipeError` where a momentum is given that the schedule moves.
  private func checkMomentum(_ section: Section) throws {
    guard schedule.kind == .oneCycle, schedule.oneCycle.cyclesMomentum else { return }
    try section.section("optimizer")?.refuse(
      "momentum", unless: false, "is moved by one_cycle from schedule.max_momentum to schedule.base_momentum and back",
      "set schedule.cycle_momentum to false")
  }

  /// - Throws: `RecipeError` for keys that the model's kind does not read.
  private func checkKind(_ section: Section) throws {
    guard model.kind == .imageClassifier, let data = try section.section("data") else { return }
    let reason = "is for texts, and model.kind is image-classifier"
    for key in ["columns", "maximum_length", "truncation", "truncation_side", "windows", "cache", "header"] {
      try data.refuse(key, unless: false, reason, "train a text classifier")
    }
    try data.section("split")?.refuse("group", unless: false, reason, "train a text classifier")
    try section.section("batch")?.refuse("buckets", unless: false, reason, "train a text classifier")
  }

  private static func require(_ key: String, in section: Section) throws -> Section {
    guard let found = try section.section(key) else { throw section.error(key, "is missing; add the section") }
    return found
  }

  private static func length(_ section: Section) throws -> Length {
    guard let steps = try section.integer("steps", atLeast: 1) else {
      return .epochs(try section.integer("epochs", default: 3, atLeast: 1, atMost: 1_000_000))
    }
    guard !section.contains("epochs") else { throw section.error("steps", "is given next to epochs; keep one of them") }
    return .steps(steps)
  }
}
