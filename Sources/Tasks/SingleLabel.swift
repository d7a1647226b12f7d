import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Training

/// One class of several for each row.
///
///     loss = -ln softmax(scores)[class]
///
/// - `columns.label`: whole numbers from 0, or names; or a column of probabilities for each class (with `kind` given), one
///   column of lists of them, or of objects that name the classes. The loss is then -Σ label ln softmax(scores), and a row is
///   judged by its most probable class.
/// - Metrics: accuracy, f1, … (`evaluate.positive` is the class of two that f1, precision and recall are of).
/// - Exports: `problem_type: single_label_classification`.
public struct SingleLabel: LearningTask {
  public static let kind = "single-label"
  public static let objectives = ClassObjective.keys

  private let scheme: LabelScheme
  private let remarks: [String]
  public let startsHead: Bool
  private let source: LabelSource
  /// The class of two that f1, precision and recall are of.
  private let positiveClass: PositiveClass?

  public static func claims(_ cells: TargetCells) -> Bool { true }

  public static func claims(_ head: HeadDescription) -> Bool {
    head.problemType.map { $0 == "single_label_classification" } ?? true && head.outputs > 1
      && head.architecture.map { $0.hasSuffix(architecture) } ?? true && head.settings.isEmpty
  }

  private init(
    _ scheme: LabelScheme, source: LabelSource, positive: PositiveClass?, startsHead: Bool = false,
    remarks: [String] = []
  ) {
    (self.scheme, self.source, self.positiveClass) = (scheme, source, positive)
    (self.startsHead, self.remarks) = (startsHead, remarks)
  }

  /// Classes that are only numbered.
  public init(classes: Int) {
    let scheme = LabelScheme.integers(classes: classes)
    self.init(scheme, source: .scheme(scheme), positive: PositiveClass(among: scheme.classNames))
  }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let recipe = start.recipe
    try recipe.task.section.finish()
    let soft = SoftLabels(cells)
    let own = try soft?.scheme() ?? LabelScheme(of: cells, labels: recipe.model.labels)
    let present = soft == nil ? Set(try own.classes(of: cells)).sorted() : Array(0..<Int32(own.classes))
    let order = try ClassOrder(own, present: present, head: start.head, recipe)
    let names = order.scheme.classNames
    self.init(
      order.scheme, source: soft == nil ? .scheme(order.scheme) : .model(names),
      positive: try Self.positive(among: names, recipe.evaluate, recipe), startsHead: order.isHeadNew,
      remarks: order.notes)
  }

  public init(_ head: HeadDescription) throws {
    let names = head.allNames
    self.init(.names(names), source: .model(names), positive: PositiveClass(among: names))
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    if let soft = SoftLabels(cells) { return try soft.targets(of: names) }
    return Targets(classes: try source.scheme(for: cells).classes(of: cells))
  }

  public var head: HeadDescription {
    HeadDescription(
      outputs: scheme.classes, names: scheme.names, problemType: "single_label_classification",
      architecture: Self.architecture)
  }

  public func summary(of rows: any Dataset) -> TargetSummary {
    TargetSummary(rows.classCounts(names: names), one: "class", many: "classes")
  }

  public func notes(on rows: any Dataset) -> [String] {
    remarks + ClassRemarks.notes(on: rows.classCounts(names: names))
  }

  public func notes(onJudged cells: TargetCells) -> [String] {
    guard SoftLabels(cells) == nil, case .indices(let names)? = try? source.scheme(for: cells) else { return [] }
    let pairs = names.enumerated().prefix(10).map { "\($0) is \($1)" }.joined(separator: ", ")
    return ["the labels are numbers, and stand for the model's classes: \(pairs)"]
  }

  private var names: [String] { scheme.classNames }

  // MARK: Learning

  public var lossName: String { "cross_entropy" }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(
      batch.distributions(over: scheme.classes).map { pass.crossEntropy(scores, targets: $0) }
        ?? pass.crossEntropy(scores, labels: batch.labels))
  }

  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.symmetricKL(first, second))
  }

  public func objective(_ techniques: Section, on rows: any Dataset) throws -> any Objective {
    let areSoft = rows.rowCount > 0 && rows.targets(0).count > 1
    return try ClassObjective.read(
      techniques, labels: (0..<rows.rowCount).lazy.map(rows.label), classes: scheme.classes, areSoft: areSoft)
  }

  // MARK: Judging

  public var answerWidth: Int { scheme.classes }

  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    batch.rows.indices.flatMap { ClassScores.softmax(scores.row($0, of: scheme.classes)) }
  }

  public var measures: MeasureList {
    ClassMeasures.all(classes: scheme.classes, positive: positiveClass?.index ?? 1)
  }

  public var positive: String? { positiveClass?.name }

  public var classNames: [String]? { names }

  public var usualMeasures: [String] { ["accuracy"] }

  public var usualFigures: [String] { ["accuracy", "f1", "precision", "recall", "matthews"] }

  public func judging(_ positive: String, source: String, key: String) throws -> SingleLabel {
    SingleLabel(
      scheme, source: self.source, positive: try Self.positive(positive, among: names, source: source, key: key),
      startsHead: startsHead, remarks: remarks)
  }

  /// - Throws: `RecipeError` where a class is named and none of the metrics is of one class.
  private static func positive(
    among classes: [String], _ evaluate: EvaluationRecipe, _ recipe: Recipe
  ) throws -> PositiveClass? {
    guard let name = evaluate.positive else { return PositiveClass(among: classes) }
    let metrics = (evaluate.metrics ?? ["accuracy"]) + [evaluate.best].compactMap(\.self)
    let known = ClassMeasures.all(classes: 2)
    guard metrics.contains(where: { known.named($0)?.isOfPositiveClass ?? true }) else {
      throw RecipeError(
        source: recipe.source, key: "evaluate.positive",
        problem: "has no effect: it is for f1, precision and recall, none of which is a metric here; leave it out"
          + " (--set evaluate.positive=null), or add one to evaluate.metrics")
    }
    return try positive(name, among: classes, source: recipe.source, key: "evaluate.positive")
  }

  private static func positive(
    _ name: String, among classes: [String], source: String, key: String
  ) throws -> PositiveClass {
    if let chosen = PositiveClass(name, among: classes) { return chosen }
    let known = classes.prefix(20).map(\.debugDescription).joined(separator: ", ")
    throw RecipeError(
      source: source, key: key,
      problem: classes.count == 2
        ? "is \(name.debugDescription), which is not a class of the rows; give one of \(known)"
        : "has no meaning with \(classes.count) classes (\(known)); leave it out: f1 is reported as f1_macro")
  }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    let probabilities = Array(numbers)
    return Answer(class: names[probabilities.largestIndex ?? 0], probabilities: probabilities, of: names)
  }

  public var answerColumns: [String] { ["label"] + names }
}
