import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Training

/// The answer to a question, which is a span of a text.
///
///     loss = (-ln softmax(starts)[first token] - ln softmax(ends)[last token]) / 2
///
/// It is the mean over the windows of the global batch, each with the question before it; a softmax runs over a window's own
/// tokens, and a window that does not hold the whole answer points to its first token.
///
/// - Rows: files of SQuAD 1.1 and 2.0 and of CMRC 2018; JSON with `question`, `context` and `answers`.
/// - The answer is the span with the largest sum of the scores of its start and its end, over all windows of a row; no answer where the
///   smallest sum of a window's first token is larger by more than `null_threshold`.
/// - Metrics: exact_match and f1 as the official scripts of SQuAD, or CMRC 2018, compute them; those of rows with and without
///   an answer; those at the best threshold.
/// - Exports: `…ForQuestionAnswering`.
public struct SpanAnswer: LearningTask {
  public static let kind = "span-answer"
  public static let layout = RowLayout.spans
  public static let architecture = Architectures.ofSpans
  public static let usualColumns: ColumnMapping? = ColumnMapping(text: "question", pair: "context", label: "answers")
  public static let keys = SpanForm.keys

  private let form: SpanForm
  /// How much better than the best span no answer must be; nil where there always is one.
  private var threshold: Double?
  public let isTuned: Bool
  private let remarks: [String]

  /// Only a recipe that names it has it.
  public static func claims(_ cells: TargetCells) -> Bool { false }

  public static func claims(_ head: HeadDescription) -> Bool { head.architecture?.hasSuffix(architecture) == true }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let recipe = start.recipe
    var keys = try SpanKeys(recipe.task.section)
    guard recipe.data.columns.options.isEmpty else {
      throw RecipeError(
        source: recipe.source, key: "data.columns.options",
        problem: "is given, and task.kind is \(Self.kind), whose answers are spans of the context; leave it out")
    }
    let rows = try AskedRows(cells)
    let unanswerable = rows.unanswerable
    guard unanswerable < cells.rowCount else {
      throw cells.error("has no question with an answer, and none can be learned", remedy: "give rows with answers")
    }
    let isValidated = recipe.data.validation != nil || recipe.data.split != nil
    if keys.isTuned, !isValidated {
      throw recipe.task.section.error(
        "null_threshold",
        "is tuned, and there are no validation rows to choose it on; give data.validation or data.split")
    }
    keys.form.comparison = keys.comparison ?? (rows.areChinese ? .cmrc : .squad)
    form = keys.form
    threshold = keys.threshold ?? (unanswerable > 0 || keys.isTuned ? 0 : nil)
    isTuned = keys.isTuned || keys.threshold == nil && unanswerable > 0 && isValidated
    let share = unanswerable > 0 ? ["\(unanswerable) of \(cells.rowCount) questions have no answer"] : []
    remarks = rows.notes + share + (keys.comparison == nil ? form.notes : [])
  }

  public init(_ head: HeadDescription) throws {
    form = try SpanForm(head)
    threshold = try SpanForm.threshold(head)
    (isTuned, remarks) = (false, [])
  }

  public var head: HeadDescription {
    var settings = form.settings
    settings["null_threshold"] = threshold
    return HeadDescription(outputs: 2, architecture: Self.architecture, settings: settings)
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    let places = try AskedRows(cells).places
    var (codes, weights): ([[Float]], [Float]) = ([], [])
    for (place, words) in zip(places, cells.words ?? RowWordsList.none) {
      codes.append(AskedRows.codes(place, in: words))
      weights.append(Float(words.windows.count))
    }
    return Targets(tokens: codes, weights: weights)
  }

  public func check(_ cells: TargetCells) throws {
    guard let words = cells.words, words.allSatisfy(\.text.isEmpty) else { return }
    throw cells.error("has no texts to find answers in", remedy: "name their column with --pair")
  }

  public func summary(of rows: any Dataset) -> TargetSummary { TargetSummary("an answer in each row's context") }

  public func notes(on rows: any Dataset) -> [String] { remarks }

  // MARK: Learning

  public var lossName: String { "cross_entropy" }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let labels = batch.labels
    return weighted(
      pass.spanLosses([scores], batch) { tokens, column, own in
        let softmax = Softmax(own[0].map(Double.init))
        let label = tokens.first { labels[$0] >= 0 && labels[$0] & (1 << Int32(column)) != 0 }
        guard let label else { return (0, [own[0].map { _ in 0 }]) }
        let slopes = zip(tokens, softmax.probabilities).map { $1 - ($0 == label ? 1 : 0) }
        return (softmax.crossEntropy(label - tokens.lowerBound), [slopes])
      })
  }

  /// ½ (KL(p‖q) + KL(q‖p)) of the starts and of the ends of each window, the mean of both.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    weighted(
      pass.spanLosses([first, second], batch) { _, _, own in
        let value = own[0].withUnsafeBufferPointer { first in
          own[1].withUnsafeBufferPointer { SymmetricKL.value(first, $0) }
        }
        return (value.divergence, [value.first, value.second])
      })
  }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    weighted(
      pass.spanLosses([scores], batch) { tokens, column, own in
        let differences = zip(tokens, own[0]).map { Double($1) - Double(teacher.pointer[2 * $0 + column]) }
        let count = Double(max(1, tokens.count))
        return (differences.reduce(0) { $0 + $1 * $1 } / count, [differences.map { 2 * $0 / count }])
      })
  }

  /// A row counts as many as it has windows.
  private func weighted(_ losses: Tensor) -> RowLosses {
    RowLosses(losses, weights: [Float](repeating: 1, count: losses.count))
  }

  // MARK: Judging

  public var answerWidth: Int { 2 }

  /// The scores themselves: of spans of all windows the best is wanted.
  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] { scores.values.map(Double.init) }

  public func scored(_ rows: [Int], _ answers: [Double], in dataset: any Dataset, width: Int) -> ScoredRows {
    var (outputs, targets, end): ([Double], [Double], Int) = ([], [], 0)
    for row in rows {
      guard let words = dataset.words(row) else { preconditionFailure("a question without the tokens of its context") }
      let own = end..<end + width * words.places.count
      end = own.upperBound
      let right = AskedRows.texts(words.label)
      outputs += form.outputs(of: answers[own], on: words, right)
      targets.append(right.isEmpty ? 0 : 1)
    }
    return ScoredRows(width: SpanOutput.allCases.count, outputs: outputs, targets: targets)
  }

  public var measures: MeasureList { SpanMeasures.all(threshold: threshold) }

  public var usualMeasures: [String] { ["f1", "exact_match"] }

  public func tuned(on rows: ScoredRows) -> SpanAnswer {
    var task = self
    task.threshold = SpanThreshold.chosen(on: rows)
    return task
  }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    preconditionFailure("an answer in a context that is not there")
  }

  public func answer(_ numbers: ArraySlice<Double>, on words: RowWords) -> Answer {
    form.answer(numbers, on: words, threshold: threshold)
  }

  /// The texts of the right answers.
  public func truth(of row: Int, in rows: any Dataset) -> JSONLine {
    .array(AskedRows.texts(rows.words(row)?.label ?? "").map(JSONLine.string))
  }

  public var answerColumns: [String] { ["answer", "start", "end", "probability"] }
}
