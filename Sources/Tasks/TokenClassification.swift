import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Training

/// A tag for each word of a text.
///
///     loss = mean over the labelled words of the global batch of -ln softmax(scores)[tag]
///
/// - Rows: a CoNLL file; JSON with a list of words and a list of tags (`columns.text: tokens`, `columns.label: tags`); or JSON
///   with a text and its spans, as CLUENER, doccano and Prodigy write them.
/// - The scores of a word are those of its first token. Its other tokens have no tag, as in transformers' examples.
/// - `scheme` (bio): the tags that spans become; `bioes` marks ends and single words.
/// - `crf` (false): the tags of a text are scored together, by a conditional random field (`TagChain`). The loss of a text is
///   -ln p of all its tags, and the sum over texts is divided by the labelled words of the global batch all the same. Words
///   have the tags of the best path; their probabilities are the marginal ones.
/// - `crf_learning_rate_factor` (100): what the transitions' learning rate is of the encoder's.
/// - `label_all_pieces` (false): in training every token of a word has the word's tag, as with run_ner's `--label_all_tokens`.
///   Words are judged by their first tokens all the same.
/// - Techniques of one class a row: label_smoothing, class_weights and focal_loss, of words. With `crf` they are refused.
/// - Metrics: f1, precision and recall of whole entities, as seqeval counts them; `…_strict`; accuracy of the words.
/// - Exports: `…ForTokenClassification`; the transitions are `crf.transitions`, `crf.start_transitions` and
///   `crf.end_transitions`, as in pytorch-crf, which transformers does not read.
public struct TokenClassification: LearningTask {
  public static let kind = "token-classification"
  public static let layout = RowLayout.words
  public static let architecture = Architectures.ofTokens
  public static let objectives = ClassObjective.keys

  /// How spans become tags.
  private enum Scheme: String, CaseIterable {
    case bio, bioes
  }

  public static let keys = [
    RecipeKey(
      "task.scheme", .choice(of: Scheme.self), or: .otherwise("bio"),
      "the tags that spans become (token-classification)",
      why: "bioes shows models where entities end, at the price of more tags"),
    RecipeKey(
      "task.crf", .boolean, or: "false",
      "whether the tags of a text are scored together, by a conditional random field (token-classification)",
      why: "it learns which tags follow which; most for small encoders and small data"),
    RecipeKey(
      "task.crf_learning_rate_factor", .positive, or: .otherwise("100"),
      "the learning rate of the scores between tags, over optimizer.learning_rate",
      why: "they start from nothing, next to an encoder that is trained already"),
    RecipeKey(
      "task.label_all_pieces", .boolean, or: "false",
      "whether every token of a word is trained to have the word's tag, and not the first alone (token-classification)",
      why: "run_ner's --label_all_tokens; words are judged by their first tokens all the same"),
  ]

  private let tags: [String]
  public let startsHead: Bool
  private let remarks: [String]
  /// Whether the tags of a text are scored together.
  private let isChain: Bool
  private let transitionFactor: Double
  public let labelsPieces: Bool

  /// The key of a recipe, and of a `config.json`; how the names of the scores between tags begin.
  private static let chain = "crf"
  private static let usualFactor = 100.0

  public static func claims(_ cells: TargetCells) -> Bool { cells.words != nil }

  public static func claims(_ head: HeadDescription) -> Bool { head.architecture?.hasSuffix(architecture) == true }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let recipe = start.recipe
    let section = recipe.task.section
    let scheme: Scheme? = try section.choice("scheme")
    isChain = try section.boolean(Self.chain, default: false)
    transitionFactor = try section.positive("crf_learning_rate_factor") ?? Self.usualFactor
    try section.refuse("crf_learning_rate_factor", unless: isChain, "is of task.crf", "set task.crf=true")
    labelsPieces = try section.boolean("label_all_pieces", default: false)
    try section.finish()
    if labelsPieces, isChain {
      throw section.error(
        "label_all_pieces", "is true, and task.crf is a chain of words, which have one tag each; leave one of them out")
    }
    for (key, isGiven) in [
      ("pair", recipe.data.columns.pair != nil), ("options", !recipe.data.columns.options.isEmpty),
    ]
    where isGiven {
      throw RecipeError(
        source: recipe.source, key: "data.columns.\(key)",
        problem: "is given, and task.kind is \(Self.kind), which labels the words of one text; leave it out")
    }
    let rows = try TaggedRows(cells, haveEnds: scheme == .bioes)
    if scheme != nil, !rows.haveSpans {
      throw section.error("scheme", "is for spans, and the rows have tags already; leave it out")
    }
    let order = try LabelSetOrder(rows.names, start)
    guard order.names.count > 1 else {
      throw cells.error(
        "has the tag \(order.names.first?.debugDescription ?? "O") on every word, from which nothing can be learned",
        remedy: "name another column in \(cells.setting)")
    }
    (tags, startsHead, remarks) = (order.names, order.startsHead, order.notes + rows.notes)
  }

  public init(_ head: HeadDescription) throws {
    (tags, startsHead, remarks) = (head.allNames, false, [])
    isChain = head.settings[Self.chain] as? Bool ?? false
    (transitionFactor, labelsPieces) = (Self.usualFactor, false)
  }

  public static func head(_ usual: HeadDesign, for recipe: Recipe) throws -> HeadDesign {
    var design = usual
    design.hasTransitions = try recipe.task.section.boolean(chain, default: false)
    return design
  }

  public var head: HeadDescription {
    HeadDescription(
      outputs: tags.count, names: tags, architecture: Self.architecture, settings: isChain ? [Self.chain: true] : [:])
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    let rows = try TaggedRows(cells, haveEnds: EntityTags.haveEnds(tags))
    let places = Dictionary(tags.enumerated().map { (ByteString($1), $0) }) { first, _ in first }
    let words = cells.words
    return Targets(
      words: try rows.tags.enumerated().map { row, own in
        let numbers = try own.map { tag in
          guard let place = places[ByteString(tag)] else { throw unknown(tag, row, cells) }
          return Float(place)
        }
        return zip(numbers, words?[row].areRead ?? []).filter(\.1).map(\.0)
      })
  }

  private func unknown(_ tag: String, _ row: Int, _ cells: TargetCells) -> any Error {
    cells.error(
      row: row, "has the tag \(tag.debugDescription), which is not one of the model's (\(tags.inShort))",
      remedy: "correct it, or add rows with it to the training rows")
  }

  public func summary(of rows: any Dataset) -> TargetSummary {
    var counts = [Int](repeating: 0, count: tags.count)
    for row in 0..<rows.rowCount {
      for target in rows.targets(row) where !target.isNaN { counts[Int(target)] += 1 }
    }
    return TargetSummary(zip(tags, counts).map { ClassCount(name: $0, rows: $1) }, one: "tag", many: "tags")
  }

  public func notes(on rows: any Dataset) -> [String] { remarks }

  // MARK: Learning

  public var lossName: String { isChain ? "negative_log_likelihood" : "cross_entropy" }

  public var comparesTokens: Bool { !isChain }

  public var learningRateFactors: [String: Double] { isChain ? [Self.chain: transitionFactor] : [:] }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    if isChain { return pass.chainLosses(scores, batch) }
    let (labels, weights) = batch.classes
    return RowLosses(pass.crossEntropy(scores, labels: labels), weights: weights)
  }

  /// ½ (KL(p‖q) + KL(q‖p)) of the tags of each labelled word, or of those of a text together.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    if isChain { return pass.chainDivergence(first, second, batch) }
    return RowLosses(
      pass.symmetricKL(first, second, mask: batch.labels.map { $0 >= 0 }), weights: batch.classes.weights)
  }

  public func objective(_ techniques: Section, on rows: any Dataset) throws -> any Objective {
    guard !isChain else {
      try ClassObjective.refuse(
        techniques,
        "changes the cross entropy of a word, and task.crf scores all words of a text together; leave it out")
      return TaskObjective(self)
    }
    let labels = (0..<rows.rowCount).flatMap { rows.wordLabels($0).filter { $0 >= 0 } }
    return try ClassObjective.read(techniques, labels: labels, classes: tags.count)
  }

  /// Of the scores of each word; those between tags follow no teacher.
  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let between = [Float](repeating: 0, count: scores.shape[0] - batch.labels.count)
    return RowLosses(pass.meanSquaredError(scores, teacher), weights: batch.classes.weights.map { $0 + between })
  }

  // MARK: Judging

  /// A probability a tag, and in a chain the number of the best path's tag.
  public var answerWidth: Int { tags.count + (isChain ? 1 : 0) }

  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    if isChain { return scores.chainAnswers(batch) }
    return (0..<scores.count / tags.count).flatMap { ClassScores.softmax(scores.row($0, of: tags.count)) }
  }

  public var measures: MeasureList { EntityMeasures.all(tags: tags, areChosen: isChain) }

  public var usualMeasures: [String] { ["f1", "precision", "recall", "accuracy"] }

  public func report(of rows: ScoredRows) -> ClassReport? {
    ClassReport(entitiesOf: rows, tags: tags, areChosen: isChain)
  }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    let predicted = tags(numbers)
    return Answer(fields: [("tags", .array(predicted.map(JSONLine.string)))], cells: [predicted.joined(separator: " ")])
  }

  /// The entities of the text with their places in it, and the tag of each word; `O` where it is not read.
  public func answer(_ numbers: ArraySlice<Double>, on words: RowWords) -> Answer {
    let probabilities = stride(from: numbers.startIndex, to: numbers.endIndex, by: answerWidth).flatMap { first in
      numbers[first..<first + tags.count]
    }
    return Answer(tags: tags(numbers), on: words, probabilities: probabilities, of: tags)
  }

  public var answerColumns: [String] { Answer.wordColumns }

  /// The most probable tag of each word, or that of the best path.
  private func tags(_ numbers: ArraySlice<Double>) -> [String] {
    stride(from: numbers.startIndex, to: numbers.endIndex, by: answerWidth).map { first in
      let probabilities = Array(numbers[first..<first + tags.count])
      return tags[isChain ? Int(numbers[first + tags.count]) : probabilities.largestIndex ?? 0]
    }
  }
}
