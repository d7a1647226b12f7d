import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Training

/// How alike the two texts of a row are: the cosine of their vectors.
///
///     cosine     loss = mean over rows of (cos(a, b) - label)²
///     infonce    loss = mean over rows of -ln softmax(cos(a, every b and negative of the batch) / temperature)[own b]
///     cosent     loss = ln(1 + Σ exp((cosᵢ - cosⱼ) / temperature)) over rows of the batch with labelᵢ < labelⱼ
///
/// - The model is the encoder alone: each text is a sequence, and `model.head.pooling` (mean; first, max) makes its vector.
/// - `columns.label`: a number a pair. For `cosine`, labels beyond -1 to 1 are scaled to 0 to 1 by the least and the largest
///   of the training rows. `infonce` needs none: the other rows are what a text is not like.
/// - `columns.negative` (infonce): hard negatives of a row, one or more or none, which are candidates of every row, as in
///   MultipleNegativesRankingLoss of sentence-transformers.
/// - `infonce` and `cosent` are of the whole global batch, whatever the microbatches and ranks. `temperature` (0.05);
///   `symmetric` (false) adds the direction from the pair to its text.
/// - `infonce` without a pair column is unsupervised SimCSE (Gao, Yao, Chen, arXiv:2104.08821): a text is its own pair, with
///   another dropout mask.
/// - Metrics: pearson, spearman, kendall; of infonce also recall@K and mrr, see `Retrieval.swift`. `lockstep embed`
///   writes the vectors.
/// - Exports: a folder of sentence-transformers.
public struct Similarity: LearningTask {
  public static let kind = "similarity"
  public static let layout = RowLayout.separate
  public static let architecture = "Model"
  public static let givesVectors = true

  /// What is minimised, of the vectors of the texts.
  private enum Loss: String, CaseIterable {
    case cosine, infonce, cosent
  }

  public static let keys = [
    RecipeKey(
      "task.loss", .choice(of: Loss.self), or: .otherwise("cosine"),
      "what is minimised of the vectors of a pair (similarity): cosine is the default",
      why: "infonce needs no label, and cosent only the order of labels"),
    RecipeKey(
      "task.temperature", .positive, or: "0.05", "what infonce and cosent divide cosines by",
      why: "SimCSE's, and the factor 20 of CoSENT"),
    RecipeKey(
      "task.symmetric", .boolean, or: "false", "whether infonce also looks for the text of each pair"),
  ]

  private let loss: Loss
  private let temperature: Double
  private let isSymmetric: Bool
  /// The labels that are 0 and 1 of cosines; nil where they are cosines as they are.
  private let range: (low: Double, high: Double)?
  /// Whether rows have a label column.
  private let isLabelled: Bool

  public static func claims(_ cells: TargetCells) -> Bool { false }

  public static func claims(_ head: HeadDescription) -> Bool { head.outputs == 0 }

  public static func needsLabels(_ recipe: Recipe) -> Bool {
    (try? recipe.task.section.string("loss")) != Loss.infonce.rawValue
  }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let recipe = start.recipe
    let section = recipe.task.section
    let named: Loss? = try section.choice("loss")
    loss = named ?? .cosine
    temperature = try section.positive("temperature", default: 0.05)
    isSymmetric = try section.boolean("symmetric", default: false)
    try section.finish()
    if section.contains("temperature"), loss == .cosine {
      throw section.error("temperature", "belongs to infonce and cosent, and loss is cosine; leave it out")
    }
    if section.contains("symmetric"), loss != .infonce {
      throw section.error("symmetric", "belongs to infonce, and loss is \(loss.rawValue); leave it out")
    }
    isLabelled = !cells.columns.isEmpty
    try Self.check(recipe, loss)
    guard isLabelled else {
      range = nil
      return
    }
    let values = try Self.values(of: cells)
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    if loss != .infonce, low == high {
      throw cells.error(
        "has the same label \(low) in every row, from which nothing can be learned",
        remedy: "name another column in \(cells.setting), or set task.loss to infonce, which needs none")
    }
    range = loss == .cosine && (low < -1 || high > 1) ? (Double(low), Double(high)) : nil
  }

  /// - Throws: `RecipeError` for what does not go with vectors, or with a loss of the whole batch.
  private static func check(_ recipe: Recipe, _ loss: Loss) throws {
    func error(_ key: String, _ problem: String) -> RecipeError {
      RecipeError(source: recipe.source, key: key, problem: problem)
    }
    if recipe.data.columns.pair == nil, loss != .infonce {
      throw error(
        "data.columns.pair", "is missing, and task.kind is similarity; name the column of the second text")
    }
    if recipe.model.labels != nil {
      throw error("model.labels", "is given, and a model of similarity gives vectors; leave it out")
    }
    if !recipe.data.columns.negatives.isEmpty {
      if loss != .infonce {
        throw error(
          "data.columns.negative",
          "belongs to infonce, and task.loss is \(loss.rawValue); leave it out, or set task.loss")
      }
      if recipe.data.columns.pair == nil {
        throw error(
          "data.columns.negative",
          "is given without data.columns.pair; name the column of the texts that are alike, too")
      }
    }
    guard loss != .cosine else { return }
    if recipe.batch.size < 2 {
      throw error("batch.size", "is 1, and \(loss.rawValue) compares the rows of a batch; give at least 2")
    }
    if recipe.reduction.outer != nil {
      throw error(
        recipe.reduction.every > 1 ? "reduction.every" : "reduction.outer",
        "lets each rank take its own steps, and \(loss.rawValue) is of the batch of all ranks, who must take every step"
          + " together; leave it out")
    }
  }

  public init(_ head: HeadDescription) throws {
    func wrong(_ key: String) -> ModelError { head.wrong(key, of: "similarity") }
    let settings = head.settings
    guard let loss = settings["loss"].map({ ($0 as? String).flatMap(Loss.init) }) ?? .cosine else {
      throw wrong("loss")
    }
    guard let temperature = settings["temperature"].map({ $0 as? Double }) ?? 0.05, temperature > 0 else {
      throw wrong("temperature")
    }
    guard let isSymmetric = settings["symmetric"].map({ $0 as? Bool }) ?? false else { throw wrong("symmetric") }
    (self.loss, self.temperature, self.isSymmetric, isLabelled) = (loss, temperature, isSymmetric, true)
    guard let range = settings["range"] else {
      self.range = nil
      return
    }
    guard let numbers = range as? [Double], numbers.count == 2, numbers[0] < numbers[1] else { throw wrong("range") }
    self.range = (numbers[0], numbers[1])
  }

  public var head: HeadDescription {
    var settings: [String: Any] = ["loss": loss.rawValue]
    if loss != .cosine { settings["temperature"] = temperature }
    if isSymmetric { settings["symmetric"] = true }
    if let range { settings["range"] = [range.low, range.high] }
    return HeadDescription(outputs: 0, architecture: Self.architecture, settings: settings)
  }

  // MARK: Targets

  public func targets(of cells: TargetCells) throws -> Targets {
    guard !cells.columns.isEmpty else {
      return Targets(width: 1, values: [Float](repeating: .nan, count: cells.rowCount))
    }
    return Targets(width: 1, values: try Self.values(of: cells))
  }

  /// - Throws: an error that names the row, for a cell that is not a number.
  private static func values(of cells: TargetCells) throws -> [Float] {
    guard cells.columns.count == 1, !cells.hasLists else {
      throw cells.error(
        cells.hasLists ? "has lists as labels" : "has \(cells.columns.count) label columns",
        remedy: "name one column of numbers in \(cells.setting)")
    }
    return try cells.cells.indices.map(cells.number)
  }

  public func summary(of rows: any Dataset) -> TargetSummary {
    let labels = (0..<rows.rowCount).compactMap { rows.targets($0).first }.filter { !$0.isNaN }
    guard let low = labels.min(), let high = labels.max() else { return TargetSummary("pairs without a label") }
    return TargetSummary("pairs with a score (\(low) to \(high))")
  }

  public func notes(on rows: any Dataset) -> [String] {
    guard let range else { return [] }
    return ["labels from \(range.low) to \(range.high) are learned as cosines from 0 to 1, which are what is predicted"]
  }

  // MARK: Learning

  public var lossName: String { loss == .cosine ? "cosine_mean_squared_error" : loss.rawValue }

  public func objective(_ techniques: Section, on rows: any Dataset) throws -> any Objective {
    guard loss != .cosine else { return TaskObjective(self) }
    for key in ["r_drop", "self_distillation"] where try techniques.toggle(key) != nil {
      throw techniques.error(
        key,
        "compares rows alone, and task.loss is \(loss.rawValue), which is of the whole batch; leave one of them out")
    }
    return wholeBatch
  }

  /// What is minimised where a recipe names no technique.
  package var wholeBatch: any Objective {
    loss == .cosine ? TaskObjective(self) : SimilarityObjective(lossName: loss.rawValue, losses: losses)
  }

  private func losses(_ batch: BatchVectors) -> BatchLosses {
    loss == .cosent
      ? CoSENT(temperature: temperature).losses(batch)
      : InfoNCE(temperature: temperature, isSymmetric: isSymmetric).losses(batch)
  }

  /// The losses of rows; of infonce and cosent among the rows of the microbatch, as an evaluation computes them.
  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    guard loss != .cosine else {
      let targets = batch.targets.map { label in
        range.map { Float((Double(label) - $0.low) / ($0.high - $0.low)) } ?? label
      }
      return RowLosses(pass.squares(pass.cosines(scores, batch), targets))
    }
    precondition(pass.tape == nil, "\(loss.rawValue) is of the whole batch: train with the objective of the task")
    let width = scores.count / max(1, batch.sequences.count)
    let losses = losses(
      BatchVectors(
        width: width, values: scores.values.map(Double.init),
        borders: [0] + batch.rows.indices.map { batch.sequences(of: $0).upperBound },
        targets: batch.targets.map(Double.init), weights: batch.rows.map { _ in 1 }))
    let result = pass.tensor([batch.rows.count], needsGradient: false)
    for row in batch.rows.indices { result.values[row] = Float(losses.losses[row]) }
    return RowLosses(result)
  }

  /// The squared difference of the two cosines.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.squares(between: pass.cosines(first, batch), pass.cosines(second, batch)))
  }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let (texts, others) = UnitVectors.pairs(teacher, batch)
    return RowLosses(
      pass.squares(pass.cosines(scores, batch), batch.rows.indices.map { Float(texts.cosine($0, others, $0)) }))
  }

  // MARK: Judging

  public var answerWidth: Int { 1 }

  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    let (texts, others) = UnitVectors.pairs(scores, batch)
    return batch.rows.indices.map { texts.cosine($0, others, $0) }
  }

  /// Whether the right pair of a text is looked for among others.
  var isRetrieval: Bool { loss == .infonce }

  public var usualMeasures: [String] { isLabelled ? ["spearman", "pearson"] : [] }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    Answer(values: Array(numbers.prefix(1)), named: answerColumns)
  }

  public var answerColumns: [String] { ["similarity"] }
}
