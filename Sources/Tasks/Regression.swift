import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Training

/// One value for each row, or several.
///
///     loss = mean over rows and targets of (score - target)²            or l1, huber, smooth_l1, bce
///
/// - `columns.label`: a column of numbers, or a list of columns. A target that is missing (an empty cell) counts in no sum.
/// - `loss` (`mse`); `delta` (1) is where huber and smooth_l1 turn from squares to lines; `bce` is the binary cross entropy with
///   the sigmoid of the score, for targets from 0 to 1.
/// - `standardize` (true, not with bce): targets have mean 0 and deviation 1 in training, and predictions have their unit: an
///   exported head has both in its weights.
/// - Metrics: rmse, pearson, spearman, … in the unit of the targets.
/// - Exports: `problem_type: regression`.
public struct Regression: LearningTask {
  public static let kind = "regression"

  /// What is minimised, of the difference of a score and its target.
  private enum Loss: String, CaseIterable {
    case mse, l1, huber
    case smoothL1 = "smooth_l1"
    case bce
  }

  public static let keys = [
    RecipeKey(
      "task.loss", .choice(of: Loss.self), or: "mse", "what a regression minimises",
      why: "l1 and huber suit targets with outliers; bce is for targets from 0 to 1"),
    RecipeKey(
      "task.delta", .positive, or: .otherwise("1"), "the difference from which huber and smooth_l1 grow as a line"),
    RecipeKey(
      "task.standardize", .boolean, or: "true",
      "whether a regression's targets have mean 0 and deviation 1 in training",
      why: "predictions are in the targets' own unit all the same; with bce it is false"),
  ]

  private let loss: Loss
  private let delta: Double
  private let columns: [String]
  /// Of the targets; nil where they are learned as they are.
  private let scale: OutputScale?
  /// Whether scores are in the unit of the targets: an exported head's.
  private let isExported: Bool

  public static func claims(_ cells: TargetCells) -> Bool {
    guard !cells.hasLists, !cells.columns.isEmpty, cells.optionCounts == nil else { return false }
    let numbers = cells.cells.filter { !Self.isMissing($0) }.map { Double($0) }
    return !numbers.contains(nil) && numbers.contains { $0.map { $0 != $0.rounded() } ?? false }
  }

  public static func claims(_ head: HeadDescription) -> Bool {
    head.problemType == "regression"
      || head.problemType == nil && head.outputs == 1 && head.architecture?.hasSuffix(architecture) ?? true
  }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let section = start.recipe.task.section
    loss = try section.choice("loss", default: Loss.mse)
    delta = try section.positive("delta") ?? 1
    let isStandardized = try section.boolean("standardize", default: loss != .bce)
    try section.finish()
    if loss == .bce, isStandardized {
      throw section.error("standardize", "is true, and loss is bce, whose targets are from 0 to 1; leave it out")
    }
    if section.contains("delta"), loss != .huber, loss != .smoothL1 {
      throw section.error("delta", "belongs to huber and smooth_l1, and loss is \(loss.rawValue); leave it out")
    }
    columns = cells.columns
    isExported = false
    if let labels = start.recipe.model.labels, labels != columns.count {
      throw RecipeError(
        source: start.recipe.source, key: "model.labels",
        problem:
          "is \(labels), and the labels are \(columns.count == 1 ? "one decimal number" : "\(columns.count) numbers") a row;"
          + " leave it out, or write classes as names or whole numbers")
    }
    let values = try Self.values(of: cells)
    if loss == .bce { try Self.checkShares(values, of: cells) }
    let moments = try columns.indices.map { try Self.moments(values, column: $0, cells) }
    scale = isStandardized ? OutputScale(mean: moments.map(\.mean), deviation: moments.map(\.deviation)) : nil
  }

  public init(_ head: HeadDescription) throws {
    func wrong(_ key: String) -> ModelError { head.wrong(key, of: "a regression") }
    let settings = head.settings
    guard let loss = settings["loss"].map({ ($0 as? String).flatMap(Loss.init) }) ?? .mse else { throw wrong("loss") }
    guard let delta = settings["delta"].map({ $0 as? Double }) ?? 1, delta > 0 else { throw wrong("delta") }
    let (mean, deviation) = (settings["mean"] as? [Double], settings["deviation"] as? [Double])
    (self.loss, self.delta, columns, isExported) = (loss, delta, head.allNames, true)
    guard let deviation else {
      scale = nil
      return
    }
    guard deviation.count == head.outputs, mean?.count == head.outputs, deviation.allSatisfy({ $0 > 0 && $0.isFinite })
    else { throw wrong("deviation") }
    scale = OutputScale(mean: mean ?? [], deviation: deviation)
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    guard cells.columns.count == columns.count else {
      throw cells.error(
        "has \(cells.columns.count) label columns, and the model gives \(columns.count) values",
        remedy: "name \(columns.count) in \(cells.setting)")
    }
    let values = try Self.values(of: cells)
    if loss == .bce { try Self.checkShares(values, of: cells) }
    return Targets(counting: values, width: columns.count)
  }

  public var head: HeadDescription {
    var settings: [String: Any] = ["loss": loss.rawValue]
    if loss == .huber || loss == .smoothL1 { settings["delta"] = delta }
    if let scale { (settings["mean"], settings["deviation"]) = (scale.mean, scale.deviation) }
    let areNamed = columns.count > 1 && Set(columns).count == columns.count
    return HeadDescription(
      outputs: columns.count, names: areNamed ? columns : nil, problemType: "regression",
      architecture: Self.architecture, settings: settings, scale: isExported ? nil : scale)
  }

  public func summary(of rows: any Dataset) -> TargetSummary {
    let values = columns.indices.map { column -> String in
      let known = (0..<rows.rowCount).map { Double(rows.targets($0)[column]) }.filter { !$0.isNaN }
      let mean = known.reduce(0, +) / Double(max(1, known.count))
      func rounded(_ value: Double) -> String { String(Double((value * 1000).rounded()) / 1000) }
      return "\(columns[column]) (\(rounded(known.min() ?? 0)) to \(rounded(known.max() ?? 0)), mean \(rounded(mean)))"
    }
    return TargetSummary(
      (columns.count == 1 ? "1 value: " : "\(columns.count) values: ") + values.joined(separator: ", "))
  }

  // MARK: Targets

  /// - Throws: an error that names the row, for a cell that is not a number.
  private static func values(of cells: TargetCells) throws -> [Float] {
    if cells.hasLists {
      throw cells.error(
        "has lists as labels, which are not numbers", remedy: "name columns of one number in \(cells.setting)")
    }
    return try cells.cells.enumerated().map { index, text in
      if isMissing(text), cells.columns.count > 1 { return .nan }
      return try cells.number(index)
    }
  }

  /// An empty cell, and what data frames write for one.
  private static func isMissing(_ text: String) -> Bool {
    ["", "nan", "na", "n/a", "null"].contains(text.lowercased())
  }

  private static func checkShares(_ values: [Float], of cells: TargetCells) throws {
    guard let bad = values.firstIndex(where: { !$0.isNaN && !(0...1 ~= $0) }) else { return }
    throw cells.error(
      row: bad / cells.columns.count, "label \(cells.cells[bad]) is not from 0 to 1, and task.loss is bce",
      remedy: "divide the labels by their largest, or take another loss")
  }

  /// Mean and deviation of a column, in Float64.
  private static func moments(
    _ values: [Float], column: Int, _ cells: TargetCells
  ) throws -> (mean: Double, deviation: Double) {
    let known = stride(from: column, to: values.count, by: cells.columns.count).map { Double(values[$0]) }
      .filter { !$0.isNaN }
    guard let first = known.first, known.contains(where: { $0 != first }) else {
      throw cells.error(
        known.isEmpty
          ? "has no number in \(cells.columns[column].debugDescription)"
          : "has the same label \(known[0]) in every row, from which nothing can be learned",
        remedy: "name another column in \(cells.setting)")
    }
    let mean = known.reduce(0, +) / Double(known.count)
    return (mean, (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)).squareRoot())
  }

  // MARK: Learning

  public var lossName: String { loss == .mse ? "mean_squared_error" : loss.rawValue }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let width = columns.count
    let losses = pass.elementLosses(scores, targets: batch.targets) { score, target, index in
      guard let scale else { return value(score, target) }
      let (mean, deviation) = (scale.mean[index % width], scale.deviation[index % width])
      guard isExported else { return value(score, (target - mean) / deviation) }
      let (loss, slope) = value((score - mean) / deviation, (target - mean) / deviation)
      return (loss, slope / deviation)
    }
    return RowLosses(losses, weights: batch.observed)
  }

  /// The loss of a score, and its derivative.
  private func value(_ score: Double, _ target: Double) -> (Double, Double) {
    let difference = score - target
    let (size, sign) = (abs(difference), difference < 0 ? -1.0 : difference > 0 ? 1 : 0)
    switch loss {
    case .mse: return (difference * difference, 2 * difference)
    case .l1: return (size, sign)
    case .huber:
      return size <= delta ? (size * size / 2, difference) : (delta * (size - delta / 2), delta * sign)
    case .smoothL1:
      return size <= delta ? (size * size / 2 / delta, difference / delta) : (size - delta / 2, sign)
    case .bce: return Sigmoid.crossEntropy(score, target: target)
    }
  }

  /// The squared distance of the two predictions.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.squares(between: first, second), weights: batch.observed)
  }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.squares(scores, batch.targets(from: teacher)), weights: batch.observed)
  }

  // MARK: Judging

  public var answerWidth: Int { columns.count }

  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    scores.values.enumerated().map { index, score in
      if loss == .bce { return Sigmoid.value(Double(score)) }
      guard let scale, !isExported else { return Double(score) }
      return scale.deviation[index % columns.count] * Double(score) + scale.mean[index % columns.count]
    }
  }

  public var measures: MeasureList { ValueMeasures.all(targets: columns.count) }

  public var usualMeasures: [String] { columns.count > 1 ? ["mcrmse", "pearson"] : ["pearson", "spearman", "rmse"] }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    Answer(values: Array(numbers), named: answerColumns)
  }

  public var answerColumns: [String] { columns.count == 1 ? ["value"] : head.allNames }
}
