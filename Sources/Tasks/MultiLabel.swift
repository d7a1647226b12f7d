import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Training

/// Any number of labels for each row.
///
///     loss = mean over rows and labels of -(w y ln σ(score) + (1 - y) ln(1 - σ(score)))
///
/// - `columns.label`: a column of 0 and 1 for each label (an empty cell counts in no sum); or one column of lists, or of labels
///   with a `separator` between them.
/// - `pos_weight` (1): w, one a label or one for all; `balanced` is the rows without a label over those with it, as PyTorch's
///   users compute it.
/// - `threshold` (0.5): a label is predicted from this probability on; one for all, or one a label. `tuned` takes for each the
///   one with the largest F1 on the validation rows, anew for each model that is evaluated, and exports it with the model.
/// - `asymmetric` (none): the asymmetric focal loss in place of the cross entropy, with `gamma_positive` (0), `gamma_negative`
///   (4) and `clip` (0.05), as Ridnik et al., arXiv:2009.14119, take them.
/// - Metrics: f1_micro, f1_macro, lrap, hamming_loss, …
/// - Exports: `problem_type: multi_label_classification`.
public struct MultiLabel: LearningTask {
  public static let kind = "multi-label"

  public static let keys = [
    RecipeKey(
      "task.separator", .text, or: .otherwise("a column a label, or lists"), "what stands between the labels of a cell"),
    RecipeKey(
      "task.pos_weight", .text, .numbers, .positive, or: .otherwise("1"),
      "how much a label that a row has counts: balanced, a number, or one a label",
      why: "balanced lets rare labels count as much as their absence"),
    RecipeKey(
      "task.threshold", .text, .number(0...1), .numbers, or: "0.5",
      "the probability from which on a label is predicted: one for all, one a label, or tuned",
      why: "tuned takes those with the best F1 on the validation rows, whose own F1 is then optimistic"),
    RecipeKey(
      "task.asymmetric", .mapping, or: .otherwise("the cross entropy"),
      "the asymmetric focal loss (Ridnik et al. 2020)",
      why: "it turns away from labels that are easily seen to be absent"),
    RecipeKey(
      "task.asymmetric.gamma_positive", .number(0...100), or: "0", "how far it turns away from labels that are there"),
    RecipeKey(
      "task.asymmetric.gamma_negative", .number(0...100), or: "4", "how far it turns away from labels that are not"),
    RecipeKey(
      "task.asymmetric.clip", .number(0...0.5), or: "0.05",
      "what is taken off the probability of labels that are not there"),
  ]

  private let names: [String]
  private let form: LabelSetForm
  private let positiveWeights: [Double]?
  private var thresholds: [Double]
  public let isTuned: Bool
  private let asymmetry: AsymmetricLoss?
  public let startsHead: Bool
  private let remarks: [String]

  public static func claims(_ cells: TargetCells) -> Bool {
    guard !cells.columns.isEmpty, cells.optionCounts == nil else { return false }
    return cells.hasLists && !cells.hasObjects
      || cells.columns.count > 1 && cells.cells.allSatisfy { ["", "0", "1", "0.0", "1.0"].contains($0) }
  }

  public static func claims(_ head: HeadDescription) -> Bool { head.problemType == "multi_label_classification" }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let keys = try LabelSetKeys(start.recipe.task.section)
    form = try LabelSetForm(cells, separator: keys.separator)
    let order = try LabelSetOrder(form.names(of: cells), start)
    (names, startsHead) = (order.names, order.startsHead)
    let targets = try form.targets(of: cells, names: names)
    asymmetry = keys.asymmetry
    positiveWeights = try keys.positiveWeights(of: names.count, targets)
    thresholds = try keys.thresholds(of: names.count)
    isTuned = keys.isTuned
    if isTuned, start.recipe.data.validation == nil, start.recipe.data.split == nil {
      throw start.recipe.task.section.error(
        "threshold", "is tuned, and there are no validation rows to choose it on; give data.validation or data.split")
    }
    remarks = order.notes + Self.remarks(targets, names)
  }

  public init(_ head: HeadDescription) throws {
    func wrong(_ key: String) -> ModelError { head.wrong(key, of: "a multi-label model") }
    names = head.allNames
    form = try LabelSetForm(head.settings["form"] as? [String: Any]) ?? { throw wrong("form") }()
    let given = head.settings["thresholds"]
    let thresholds = given.map { $0 as? [Double] } ?? [Double](repeating: 0.5, count: names.count)
    guard let thresholds, thresholds.count == names.count, thresholds.allSatisfy({ 0...1 ~= $0 }) else {
      throw wrong("thresholds")
    }
    (self.thresholds, isTuned) = (thresholds, false)
    let weights = head.settings["pos_weight"]
    positiveWeights = try weights.map { value in
      guard let weights = value as? [Double], weights.count == head.outputs,
        weights.allSatisfy({ $0 > 0 && $0.isFinite })
      else { throw wrong("pos_weight") }
      return weights
    }
    asymmetry = try (head.settings["asymmetric"] as? [String: Any]).map {
      guard let loss = AsymmetricLoss($0) else { throw wrong("asymmetric") }
      return loss
    }
    (startsHead, remarks) = (false, [])
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    Targets(counting: try form.targets(of: cells, names: names), width: names.count)
  }

  public var head: HeadDescription {
    var settings: [String: Any] = ["form": form.json]
    if thresholds.contains(where: { $0 != 0.5 }) { settings["thresholds"] = thresholds }
    settings["pos_weight"] = positiveWeights
    settings["asymmetric"] = asymmetry?.json
    return HeadDescription(
      outputs: names.count, names: names, problemType: "multi_label_classification", architecture: Self.architecture,
      settings: settings)
  }

  public func summary(of rows: any Dataset) -> TargetSummary {
    var counts = [Int](repeating: 0, count: names.count)
    for row in 0..<rows.rowCount {
      for (label, target) in rows.targets(row).enumerated() where target == 1 { counts[label] += 1 }
    }
    return TargetSummary(zip(names, counts).map { ClassCount(name: $0, rows: $1) }, one: "label", many: "labels")
  }

  public func notes(on rows: any Dataset) -> [String] { remarks }

  /// Labels that every row has, or none.
  private static func remarks(_ targets: [Float], _ names: [String]) -> [String] {
    names.indices.compactMap { label in
      let known = stride(from: label, to: targets.count, by: names.count).map { targets[$0] }.filter { !$0.isNaN }
      guard let first = known.first, !known.contains(where: { $0 != first }) else { return nil }
      return
        "\(first == 1 ? "every row has" : "no row has") the label \(names[label].debugDescription), from which nothing can"
        + " be learned"
    }
  }

  // MARK: Learning

  public var lossName: String { asymmetry == nil ? "binary_cross_entropy" : "asymmetric_loss" }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let width = names.count
    let losses = pass.elementLosses(scores, targets: batch.targets) { score, target, index in
      asymmetry?.value(score, isGiven: target == 1)
        ?? Sigmoid.crossEntropy(score, target: target, weight: positiveWeights?[index % width] ?? 1)
    }
    return RowLosses(losses, weights: batch.observed)
  }

  /// ½ (KL(p‖q) + KL(q‖p)) of each label's two probabilities.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let divergences = pass.elementPairs(first, second) { first, second in
      let (p, q) = (Sigmoid.value(first), Sigmoid.value(second))
      // ½ (p - q)(logit p - logit q), whose logits are the scores.
      let difference = first - second
      return (
        (p - q) * difference / 2, (p * (1 - p) * difference + (p - q)) / 2, -(q * (1 - q) * difference + (p - q)) / 2
      )
    }
    return RowLosses(divergences, weights: batch.observed)
  }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.squares(scores, batch.targets(from: teacher)), weights: batch.observed)
  }

  // MARK: Judging

  public var answerWidth: Int { names.count }

  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    scores.values.map { Sigmoid.value(Double($0)) }
  }

  public var measures: MeasureList { LabelSetMeasures.all(labels: names.count, thresholds: thresholds) }

  public func tuned(on rows: ScoredRows) -> MultiLabel {
    var task = self
    task.thresholds = LabelThresholds.best(on: rows)
    return task
  }

  public func report(of rows: ScoredRows) -> ClassReport? {
    ClassReport(labelSetsOf: rows, names: names, thresholds: thresholds)
  }

  public var usualMeasures: [String] { ["f1_macro", "f1_micro"] }

  public var usualFigures: [String] { ["f1_micro", "f1_macro", "subset_accuracy", "hamming_loss", "lrap"] }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    Answer(labels: names, probabilities: Array(numbers), thresholds: thresholds, joint: form.joint)
  }

  public var answerColumns: [String] { ["labels"] + names }
}
