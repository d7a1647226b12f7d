import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Tensors

/// What a model learns of a row (its class, several labels, values), how that is minimised, judged and written.
///
/// A task is one file in module Tasks and a line of `TaskKinds.all`, or a type of a program's own; no other file names it. A
/// value is a task that knows its classes or targets: from training rows, or from the folder of a trained model.
public protocol LearningTask: Sendable {
  /// The word of a recipe: `task: {kind: …}`.
  static var kind: String { get }

  /// Which texts of a row the encoder reads together.
  static var layout: RowLayout { get }

  /// The columns of its rows where nobody names them; nil for those of all other tasks.
  static var usualColumns: ColumnMapping? { get }

  /// Whether a long row may be read in windows; their scores are averaged before the task sees them, where its layout says so.
  static var takesWindows: Bool { get }

  /// How the name of its class in transformers ends: `ForSequenceClassification`.
  static var architecture: String { get }

  /// Whether it reads the vector of each sequence, without a head that scores it.
  static var givesVectors: Bool { get }

  /// The head that scores what it labels, from that of the model's family.
  static func head(_ usual: HeadDesign, for recipe: Recipe) throws -> HeadDesign

  /// Whether the rows of a recipe need a label column.
  static func needsLabels(_ recipe: Recipe) -> Bool

  /// The keys of a recipe's section `task` that it reads.
  static var keys: [RecipeKey] { get }

  /// Keys of `techniques` that change its objective.
  static var objectives: [String] { get }

  /// Whether label columns are what it learns, where a recipe names no task.
  static func claims(_ cells: TargetCells) -> Bool

  /// Whether a trained head is one of this task's.
  static func claims(_ head: HeadDescription) -> Bool

  /// A task that has the classes or targets of training rows.
  /// - Throws: `RecipeError`, or an error that names file and line.
  init(_ cells: TargetCells, start: TaskStart) throws

  /// The task of a trained model.
  /// - Throws: `ModelError` that names the key.
  init(_ head: HeadDescription) throws

  /// The targets of rows.
  /// - Throws: an error that names file and line.
  func targets(of cells: TargetCells) throws -> Targets

  /// Its head, as a `config.json` describes it.
  var head: HeadDescription { get }

  /// Whether the weights of a trained head are not read.
  var startsHead: Bool { get }

  /// Checks rows that are to be predicted, whose label columns are not read.
  /// - Throws: an error that names file and line.
  func check(_ cells: TargetCells) throws

  /// What the training rows have to be learned, for a user to see at the start.
  func summary(of rows: any Dataset) -> TargetSummary

  /// What the user should know of the targets.
  func notes(on rows: any Dataset) -> [String]

  /// What the user should know of rows that are judged by a trained model.
  func notes(onJudged cells: TargetCells) -> [String]

  // MARK: Learning

  /// Whether its divergence is that of each labelled word by itself, so that other tokens can be compared alike.
  var comparesTokens: Bool { get }

  /// Whether every token of a word is trained, where words are labelled, and not the first alone.
  var labelsPieces: Bool { get }

  /// What the learning rate is multiplied by for parts of the model, by how the names of their parameters begin.
  var learningRateFactors: [String: Double] { get }

  /// The name of its loss in metrics.jsonl: `cross_entropy`.
  var lossName: String { get }

  /// The losses of a microbatch under scores [sequences, outputs], or [words, outputs] where words are labelled.
  func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses

  /// How far the scores of two forwards of a microbatch disagree; both carry gradient.
  func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses

  /// How far scores are from those of a teacher, which get no gradient.
  func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses

  /// What is minimised, by what a recipe's techniques say of it.
  /// - Throws: `RecipeError` that names the key.
  func objective(_ techniques: Section, on rows: any Dataset) throws -> any Objective

  // MARK: Judging

  /// What measures read of rows.
  ///
  /// - Parameter answers: to the rows, of some width, which may be greater than the task's own.
  func scored(_ rows: [Int], _ answers: [Double], in dataset: any Dataset, width: Int) -> ScoredRows

  /// Numbers of a row that measures read: a probability a class, a value a target.
  var answerWidth: Int { get }

  /// The answers to the rows of a microbatch under scores [sequences, outputs], [rows × answerWidth]; to its words where they
  /// are labelled.
  func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double]

  var measures: MeasureList { get }

  /// The class that measures of one class of two are of; nil where there is none.
  var positive: String? { get }

  /// Measures where a recipe names none; the first chooses the best model.
  var usualMeasures: [String] { get }

  /// What `lockstep evaluate` prints where no metric is named.
  var usualFigures: [String] { get }

  /// The classes, where the answers of a row are a probability each and its target is one of them; nil where not.
  var classNames: [String]? { get }

  /// Precision, recall and F1 of each class or label; nil where there are none.
  func report(of rows: ScoredRows) -> ClassReport?

  /// The same task, whose measures of one class of two are of this one.
  /// - Throws: `RecipeError` where it has no such class; `source` and `key` name the setting.
  func judging(_ positive: String, source: String, key: String) throws -> Self

  /// Whether something of it is chosen on the validation rows, for each model that is evaluated.
  var isTuned: Bool { get }

  /// The same task with what is chosen on these rows, which are then judged by it.
  func tuned(on rows: ScoredRows) -> Self

  // MARK: Answering

  /// What is predicted of a row, from its answers.
  func answer(_ numbers: ArraySlice<Double>) -> Answer

  /// What is predicted of a row whose words are labelled, from the answers to those that are read.
  func answer(_ numbers: ArraySlice<Double>, on words: RowWords) -> Answer

  /// The target of a row, to stand next to what is predicted of it.
  func truth(of row: Int, in rows: any Dataset) -> JSONLine

  /// The names of the columns of `Answer.cells`.
  var answerColumns: [String] { get }
}

extension LearningTask {
  public static var layout: RowLayout { .joined }
  public static var usualColumns: ColumnMapping? { nil }
  public static var takesWindows: Bool { layout.takesWindows && !givesVectors }
  public static var architecture: String { "ForSequenceClassification" }
  public static var givesVectors: Bool { false }
  public static func head(_ usual: HeadDesign, for recipe: Recipe) throws -> HeadDesign { usual }
  public static func needsLabels(_ recipe: Recipe) -> Bool { true }
  public static var keys: [RecipeKey] { [] }
  public static var objectives: [String] { [] }

  public var startsHead: Bool { false }
  public var comparesTokens: Bool { false }
  public var labelsPieces: Bool { false }
  public var learningRateFactors: [String: Double] { [:] }
  public func scored(_ rows: [Int], _ answers: [Double], in dataset: any Dataset, width: Int) -> ScoredRows {
    rows.scored(answers, in: dataset, width: width)
  }
  public func check(_ cells: TargetCells) throws {}
  public var positive: String? { nil }
  public var usualFigures: [String] { usualMeasures }
  public var isTuned: Bool { false }
  public func tuned(on rows: ScoredRows) -> Self { self }
  public var classNames: [String]? { nil }
  public func report(of rows: ScoredRows) -> ClassReport? {
    classNames.map { ClassReport(classesOf: rows, names: $0) }
  }
  public func notes(on rows: any Dataset) -> [String] { [] }
  public func notes(onJudged cells: TargetCells) -> [String] { [] }
  public func answer(_ numbers: ArraySlice<Double>, on words: RowWords) -> Answer { answer(numbers) }

  public func truth(of row: Int, in rows: any Dataset) -> JSONLine {
    let targets = rows.targets(row)
    if classNames != nil, targets.count == 1 { return .integer(Int(targets[0])) }
    let numbers = targets.map { JSONLine.number(Double($0)) }
    return numbers.count == 1 ? numbers[0] : .array(numbers)
  }

  /// What is predicted of a row of a data set, from its answers.
  public func answer(_ numbers: ArraySlice<Double>, to row: Int, of rows: any Dataset) -> Answer {
    rows.words(row).map { answer(numbers, on: $0) } ?? answer(numbers)
  }

  /// Scores that the model gives a sequence.
  public var outputs: Int { head.outputs }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.meanSquaredError(scores, teacher))
  }

  public func judging(_ positive: String, source: String, key: String) throws -> Self {
    throw RecipeError(
      source: source, key: key, problem: "has no meaning for \(Self.kind), which has no positive class; leave it out")
  }

  /// Measures by name.
  ///
  /// - Parameters:
  ///   - own: measures besides the task's, which are found first.
  ///   - key: of a recipe; empty where the source is an option.
  /// - Throws: `RecipeError` for an unknown one.
  public func measures(
    _ names: [String], own: [Measure] = [], source: String, key: String = ""
  ) throws -> [Measure] {
    let list = self.measures.adding(own)
    return try names.reduce(into: []) { measures, name in
      guard let measure = list.named(name) else {
        let known = list.names.joined(separator: ", ")
        throw RecipeError(
          source: source, key: key,
          problem: "names \(name), which is not a metric of \(Self.kind); known: loss, \(known)")
      }
      if !measures.contains(where: { $0.name == measure.name }) { measures.append(measure) }
    }
  }
}

/// Losses of a microbatch: a loss a row with the row's own weight, or more of them with their own weights.
public struct RowLosses {
  public let losses: Tensor
  /// The weight of each loss, which of a row sum to the row's; nil for a loss a row.
  public let weights: [Float]?

  public init(_ losses: Tensor, weights: [Float]? = nil) { (self.losses, self.weights) = (losses, weights) }
}

/// What the training rows have to be learned.
public struct TargetSummary: Sendable {
  /// Such as `2 classes`.
  public var text: String
  /// The rows of each class or label; empty where targets are numbers.
  public var counts: [ClassCount]

  public init(_ text: String, counts: [ClassCount] = []) { (self.text, self.counts) = (text, counts) }

  /// A number of things.
  public init(_ counts: [ClassCount], one: String, many: String) {
    self.init("\(counts.count) \(counts.count == 1 ? one : many)", counts: counts)
  }
}
