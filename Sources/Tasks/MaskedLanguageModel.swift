import Data
import Layers
import Models
import Recipes
import Scores
import Support
import Techniques
import Tensors
import Text
import Training

/// The tokens of a text that are masked: language-model training on one's own text, before a task that has labels.
///
///     loss = mean over the masked tokens of the global batch of -ln softmax(x Eᵀ + b)[token]        E the word embeddings
///
/// - Rows: texts without labels, of a table's column or of a .txt file with one a line. `pack` joins them, with a separator
///   between two, and cuts rows of `data.maximum_length`; without it each text is a row and is cut there.
/// - Masks are drawn anew at every step, from (seed, step, row) and nothing else: see `Masking`. Each token is drawn by itself
///   with `probability` (0.15), as in transformers' collator; with `whole_words` each word, whose pieces are then masked together.
///   `word_list` names a file with one word a line: words of the text that make one of them together count as one, the longest
///   match first, as for Chinese. A row has at least one masked token. Evaluations of every run mask the same tokens.
/// - A row weighs as many tokens as are masked in it. The decoder is computed at these tokens alone.
/// - Metrics: perplexity, accuracy of the masked tokens.
/// - Exports: `…ForMaskedLM`, from whose folder every other task starts.
public struct MaskedLanguageModel: VocabularyTask {
  public static let kind = "masked-lm"
  public static let takesWindows = false
  public static let architecture = Architectures.ofVocabulary

  private static let probabilities = 0.01...0.99

  public static let keys = [
    RecipeKey(
      "task.probability", .number(probabilities), or: "0.15", "the share of tokens that are predicted (masked-lm)",
      why: "BERT's; large models learn as much from 0.3 to 0.4"),
    RecipeKey(
      "task.whole_words", .boolean, or: "false", "whether the pieces of a word are masked together",
      why: "the other pieces of a word often give one away"),
    RecipeKey(
      "task.word_list", .text, or: .otherwise("the words of the vocabulary alone"),
      "a file of words, one a line, which whole_words masks as one; for languages without blanks"),
    RecipeKey(
      "task.pack", .boolean, or: "false", "whether texts are joined and cut into rows of data.maximum_length",
      why: "no token is cut off, and no row is short"),
  ]

  private let probability: Double
  private let masksWords: Bool
  /// The words of the list; nil without one.
  private let list: [String]?
  public let joinsTexts: Bool
  public let startsHead: Bool
  private var reader: TextReader?
  private var masking: Masking?

  public static func claims(_ cells: TargetCells) -> Bool { false }

  public static func claims(_ head: HeadDescription) -> Bool { head.architecture?.hasSuffix(architecture) == true }

  public static func needsLabels(_ recipe: Recipe) -> Bool { false }

  public static func joinsTexts(_ recipe: Recipe) throws -> Bool {
    try recipe.task.section.boolean("pack", default: false)
  }

  public static func files(of recipe: Recipe) throws -> [String] {
    [try recipe.task.section.string("word_list")].compactMap(\.self)
  }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    let (recipe, section) = (start.recipe, start.recipe.task.section)
    probability = try section.number("probability", default: 0.15, in: Self.probabilities)
    masksWords = try section.boolean("whole_words", default: false)
    let file = try Self.files(of: recipe).first
    joinsTexts = try Self.joinsTexts(recipe)
    try section.finish()
    try section.refuse("word_list", unless: masksWords, "says what whole words are", "set task.whole_words: true")
    list = try file.map { try WordList.words(of: $0, section, key: "word_list") }
    startsHead = recipe.model.headWeights == .new
    for (key, isGiven) in [
      ("data.columns.label", !cells.columns.isEmpty), ("data.columns.options", !recipe.data.columns.options.isEmpty),
      ("model.labels", recipe.model.labels != nil),
    ] where isGiven {
      throw RecipeError(
        source: recipe.source, key: key,
        problem: "is given, and task.kind is \(Self.kind), which learns the texts alone; leave it out")
    }
    if joinsTexts, recipe.data.columns.pair != nil {
      throw RecipeError(
        source: recipe.source, key: "data.columns.pair",
        problem: "is given, and task.pack joins texts, not pairs; leave one of them out")
    }
    if file != nil, recipe.data.isStreamed {
      throw section.error(
        "word_list", "is a file that rank 0 does not hand out, and data.streamed is true; leave one of them out")
    }
  }

  public init(_ head: HeadDescription) throws {
    func wrong(_ key: String) -> ModelError { head.wrong(key, of: Self.kind) }
    let settings = head.settings
    guard let probability = settings["probability"].map({ $0 as? Double }) ?? 0.15,
      Self.probabilities.contains(probability)
    else { throw wrong("probability") }
    guard let masksWords = settings["whole_words"].map({ $0 as? Bool }) ?? false else { throw wrong("whole_words") }
    guard let joinsTexts = settings["pack"].map({ $0 as? Bool }) ?? false else { throw wrong("pack") }
    (self.probability, self.masksWords, self.joinsTexts) = (probability, masksWords, joinsTexts)
    (list, startsHead) = (nil, false)
  }

  public var head: HeadDescription {
    var settings: [String: Any] = ["probability": probability]
    if masksWords { settings["whole_words"] = true }
    if joinsTexts { settings["pack"] = true }
    return HeadDescription(outputs: 0, architecture: Self.architecture, settings: settings)
  }

  // MARK: Rows

  public func reading(_ reader: TextReader) throws -> MaskedLanguageModel {
    let tokenizer = reader.tokenizer
    guard let mask = tokenizer.special.mask else {
      throw ModelError(
        file: tokenizer.file, problem: "has no mask token, and \(Self.kind) masks tokens with it",
        remedy: "use a model whose tokenizer has one (mask_token)")
    }
    var task = self
    task.reader = reader
    task.masking = Masking(
      tokenizer, mask: mask, probability: probability, words: masksWords ? WordBorders(tokenizer, list: list) : nil)
    return task
  }

  public func rows(_ texts: any Dataset, for purpose: TextPurpose) throws -> any Dataset {
    guard let reader, let masking else { preconditionFailure("texts of a task that does not know how they are read") }
    if purpose == .answering { return try asked(texts, masking) }
    let rows: any Dataset =
      joinsTexts
      ? JoinedTexts(texts, TextSpecials(reader.tokenizer), maximumLength: reader.maximumLength) : texts
    let kept = (0..<rows.rowCount).filter { masking.canChoose(from: rows.ids($0)) }
    guard !kept.isEmpty else {
      throw TableError(
        file: (texts as? any CellRows)?.targetCells.file ?? "the rows", problem: "has no text to learn from",
        remedy: "name the column of the texts in data.columns.text")
    }
    let base = kept.count == rows.rowCount ? rows : DatasetRows(rows, rows: kept)
    // Evaluations draw the same whatever the run's seed, so that models are compared on the same tokens.
    let judged = RandomStream(seed: 0, purpose: .masking, pass: 1)
    guard case .training(let seed) = purpose else {
      return MaskedRows(base: base, choice: { masking.tokens(of: $0, row: $1, judged) })
    }
    return MaskedRows(base: base, choice: { masking.tokens(of: $0, row: $1, judged) }) { step in
      let stream = RandomStream(seed: seed, purpose: .masking, step: step)
      return { masking.tokens(of: $0, row: $1, stream) }
    }
  }

  /// Texts whose masks are to be filled.
  private func asked(_ texts: any Dataset, _ masking: Masking) throws -> any Dataset {
    let mask = masking.mask
    if let row = (0..<texts.rowCount).first(where: { !texts.ids($0).contains(mask) }),
      let cells = (texts as? any CellRows)?.targetCells
    {
      let word = reader?.tokenizer.piece(of: mask).text ?? "[MASK]"
      throw cells.error(
        row: row, "has no \(word) among the tokens that are read",
        remedy: "write \(word) where a token is to be filled in")
    }
    return MaskedRows(base: texts) { ids, _ in
      ids.indices.filter { ids[$0] == mask }.map {
        MaskedToken(place: $0 - ids.startIndex, input: mask, target: .nan)
      }
    }
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    Targets(width: 1, values: [Float](repeating: .nan, count: cells.rowCount))
  }

  public func summary(of rows: any Dataset) -> TargetSummary {
    TargetSummary("\((0..<rows.rowCount).reduce(0) { $0 + rows.length($1) }) tokens")
  }

  // MARK: Learning

  public var lossName: String { "cross_entropy" }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let (labels, weights) = batch.classes
    return RowLosses(pass.crossEntropy(scores, labels: labels), weights: weights)
  }

  /// ½ (KL(p‖q) + KL(q‖p)) of the vocabulary at each masked token.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.symmetricKL(first, second), weights: batch.classes.weights)
  }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.meanSquaredError(scores, teacher), weights: batch.classes.weights)
  }

  // MARK: Judging

  public var answerWidth: Int { LikeliestTokens.width }

  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    LikeliestTokens.answers(scores, targets: batch.labels)
  }

  public var measures: MeasureList { TokenMeasures.all }

  public var usualMeasures: [String] { ["perplexity", "accuracy"] }

  // MARK: Answering

  /// The most probable tokens of each mask.
  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    let masks = stride(from: numbers.startIndex, to: numbers.endIndex, by: answerWidth).map { first in
      LikeliestTokens.tokens(numbers[first..<first + answerWidth]).map { token in
        (text: reader?.tokenizer.piece(of: token.id).text ?? "", id: token.id, probability: token.probability)
      }
    }
    let lists = JSONLine.array(
      masks.map { tokens in
        .array(
          tokens.map { token in
            .object([
              ("token", .string(token.text)), ("id", .integer(Int(token.id))),
              ("probability", .number(token.probability)),
            ])
          })
      })
    let best = masks.compactMap(\.first?.text)
    return Answer(
      fields: [("tokens", .array(best.map(JSONLine.string))), ("masks", lists)],
      cells: [best.joined(separator: " "), lists.description])
  }

  public var answerColumns: [String] { ["tokens", "masks"] }
}
