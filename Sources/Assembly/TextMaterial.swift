import Data
import Foundation
import Layers
import Models
import Recipes
import Tasks
import Tensors
import Text
import Training

/// A text classifier and its texts, from a recipe.
struct TextMaterial {
  let material: Material

  init(_ recipe: Recipe, _ tasks: TaskKinds) throws {
    let source = try TextSource(recipe, tasks)
    let length = try source.maximumLength(recipe)
    try source.checkPairs(recipe)
    var settings = try tasks.tokens(of: recipe, source.tokenizer, maximumLength: length)
    settings.cacheFolder = recipe.data.cache ?? TokenCache.defaultFolder
    settings.refreshesCache = recipe.data.refreshesCache
    settings.layout = try tasks.layout(of: recipe)
    settings.windows = try recipe.windows(tasks, source.tokenizer, maximumLength: length)
    let columns = try tasks.columns(of: recipe)
    let rows = try TokenDataset(
      files: recipe.table(recipe.data.train, key: "data.train"), columns: columns, limit: recipe.data.limit,
      settings: settings)
    let kind = try tasks.kind(of: recipe, for: rows.targetCells)
    try tasks.checkWindows(of: recipe, kind)
    let start = try source.start(kind, recipe)
    let task = try start.kind.init(rows.targetCells, start: start.start)
      .reading(source.tokenizer, maximumLength: length)
    let train = rows.with(try task.targets(of: rows.targetCells))
    let validation = try recipe.data.validation.map { validation in
      var own = columns
      own.labels = recipe.data.validationLabels ?? own.labels
      let rows = try TokenDataset(
        files: recipe.table(validation, key: "data.validation"), columns: own, settings: settings)
      return rows.with(try task.targets(of: rows.targetCells))
    }
    let facts = RowFacts(
      train: train, validation: validation, maximumLength: length, positions: source.family.mostTokens,
      takesWindows: kind.takesWindows)
    let model = TextClassifier(source.family, labels: task.outputs, head: source.head)
    let state = ModelState(model, seed: recipe.seed)
    let notes = try source.load(
      into: state, withoutHead: task.startsHead || start.isHeadForeign, scale: task.head.scale, recipe)
    let exporter = TextExporter(
      family: source.family, head: source.head, description: task.head, tokenizer: source.tokenizer,
      maximumLength: length, windows: settings.windows)
    material = Material(
      train: train, validation: validation, model: model, state: state, exporter: exporter,
      notes: notes + start.notes + exporter.notes + source.notes(recipe, settings.windows) + task.notes(on: train)
        + facts.notes,
      task: task, facts: facts)
  }
}

extension DataRecipe {
  /// How the bytes of its tables become fields.
  public var tableOptions: TableOptions { TableOptions(quotes: quotes, encoding: encoding, hasHeader: hasHeader) }
}

/// Where weights, configuration and vocabulary come from: a Hugging Face directory, or the recipe itself.
private struct TextSource {
  let family: any EncoderFamily
  /// The run's.
  let head: HeadDesign
  private(set) var tokenizer: any Tokenizer
  /// `model_max_length` of the model's folder.
  private let usualLength: Int
  private let directory: PretrainedDirectory?

  init(_ recipe: Recipe, _ tasks: TaskKinds) throws {
    if let path = recipe.model.from {
      let directory = try PretrainedDirectory(path: path)
      self.directory = directory
      family = directory.family
      head = try Self.head(directory.family, directory, recipe, tasks)
      tokenizer = try Tokenizers.read(directory: path, vocabulary: recipe.model.vocabulary)
      usualLength = tokenizer.maximumLength ?? .max
    } else {
      guard let json = recipe.model.configuration, let vocabulary = recipe.model.vocabulary else {
        throw RecipeError(
          source: recipe.source, key: "model.from",
          problem: "is missing; give a Hugging Face directory, or configuration and vocabulary for random weights")
      }
      directory = nil
      usualLength = .max
      tokenizer = try Tokenizers.read(file: vocabulary)
      var counted = json.merging(["vocab_size": tokenizer.tokenCount]) { given, _ in given }
      // Families have ids of padding that belong to their own vocabularies.
      if let padding = tokenizer.special.padding {
        counted.merge(["pad_token_id": Int(padding)]) { given, _ in given }
      }
      family = try EncoderFamilies.read(counted, source: recipe.source + ": model.configuration")
      head = try Self.head(family, nil, recipe, tasks)
    }
    try family.checkIDs(of: tokenizer)
    let cut = tokenizer.truncation
    tokenizer.truncation = Truncation(
      recipe.data.truncation ?? cut.strategy, side: recipe.data.truncationSide ?? cut.side)
  }

  /// What of the directory the recipe does not take up.
  func notes(_ recipe: Recipe, _ windows: RowWindows?) -> [String] {
    windows == nil ? [directory?.windowNote].compactMap(\.self) : []
  }

  /// Tokens of a row: what the recipe says, else 128 or as many as the model has positions.
  /// - Throws: `RecipeError` where the recipe asks for more than the model has, or leaves no room for a text.
  func maximumLength(_ recipe: Recipe) throws -> Int {
    let positions = family.mostTokens
    let shortest = tokenizer.shortestMaximumLength
    guard recipe.data.maximumLength >= shortest else {
      throw RecipeError(
        source: recipe.source, key: "data.maximum_length",
        problem:
          "is \(recipe.data.maximumLength), and the special tokens of this model's rows leave no room for a text;"
          + " give at least \(shortest)")
    }
    guard recipe.data.maximumLength > positions, recipe.values["data.maximum_length"] != nil else {
      let isGiven = recipe.values["data.maximum_length"] != nil
      return min(recipe.data.maximumLength, positions, isGiven ? .max : max(3, usualLength))
    }
    throw RecipeError(
      source: recipe.source, key: "data.maximum_length",
      problem: "is \(recipe.data.maximumLength), and the model reads rows of \(positions) tokens"
        + " (\(type(of: family).keys.maximumPositions) \(family.configuration.maximumPositions)"
        + (positions < family.configuration.maximumPositions ? ", which counts from the id after padding's" : "")
        + "); give at most \(positions)")
  }

  /// - Throws: `RecipeError` where the rows are pairs and the model has one type of token.
  func checkPairs(_ recipe: Recipe) throws {
    guard head.hasScores, recipe.data.columns.pair != nil, family.configuration.typeVocabularySize < 2,
      tokenizer.marksPairs
    else { return }
    throw RecipeError(
      source: recipe.source, key: "data.columns.pair",
      problem: "is given, and the model has no type for the second text of a pair (type_vocab_size 1); leave it out, or"
        + " use a model with type_vocab_size 2")
  }

  /// The start as a task sees it: the head that the run may start from, or that its directory describes.
  ///
  /// A head of another task is not read: what its scores mean is not what the task's mean.
  /// - Throws: `RecipeError` where it is to be kept.
  func start(
    _ kind: any LearningTask.Type, _ recipe: Recipe
  ) throws -> (kind: any LearningTask.Type, start: TaskStart, isHeadForeign: Bool, notes: [String]) {
    let announced =
      recipe.task.kind == nil && kind != TaskKinds.all[0]
      ? ["the task is \(kind.kind), as the labels say; task.kind would name another"] : []
    guard let directory else { return (kind, TaskStart(recipe: recipe), false, announced) }
    guard head.hasScores, head.decoder == nil else { return (kind, TaskStart(recipe: recipe), false, announced) }
    guard let own = directory.description, !isHeadOther, !kind.claims(own) else {
      let head = TrainedHead(
        path: directory.path, names: directory.labelNames, trained: isHeadOther ? nil : directory.headLabels)
      return (kind, TaskStart(recipe: recipe, head: head), false, announced)
    }
    let difference =
      own.problemType.map { "its problem_type is \($0)" }
      ?? (own.outputs == 1 ? "it has one label" : "it is of another task")
    guard recipe.model.headWeights != .keep else {
      throw RecipeError(
        source: recipe.source, key: "model.head_weights",
        problem:
          "is keep, and the head of \(directory.path) is not of \(kind.kind): \(difference); set task.kind, or take new"
      )
    }
    let note =
      recipe.model.headWeights == .new
      ? "the head starts from random weights, as asked"
      : "the head of \(directory.path) starts from random weights: \(difference), and the task is \(kind.kind)"
    return (kind, TaskStart(recipe: recipe), true, announced + [note])
  }

  /// Whether the recipe asks for another head than the one in the model's folder.
  private var isHeadOther: Bool { directory.map { head.decoder == nil && !$0.head.computes(as: head) } ?? false }

  /// The head of the run: what the recipe asks for, else that of the model's folder.
  private static func head(
    _ family: any EncoderFamily, _ directory: PretrainedDirectory?, _ recipe: Recipe, _ tasks: TaskKinds
  ) throws -> HeadDesign {
    let choice = recipe.model.head
    if try tasks.givesVectors(recipe) { return try vectors(choice, directory, recipe) }
    if try tasks.vocabularyTask(of: recipe) != nil { return try family.vocabularyHead(directory, recipe) }
    if let own = family.partHead(try tasks.layout(of: recipe)) { return try partHead(own, recipe, tasks) }
    if var own = directory?.head, !own.readsWords, choice.pooling == nil, choice.hidden == nil {
      own.dropouts = choice.dropouts ?? own.dropouts
      return own
    }
    do {
      let head = try family.head(choice)
      if let directory, recipe.model.headWeights == .keep, !directory.head.computes(as: head) {
        throw HeadProblem(
          key: "pooling",
          problem: "or hidden asks for another head than that of \(directory.path), and head_weights is keep;"
            + " leave one of them out")
      }
      return head
    } catch let problem as HeadProblem {
      throw RecipeError(source: recipe.source, key: "model.head.\(problem.key)", problem: problem.problem)
    }
  }

  /// The head of a run that scores words or tokens.
  private static func partHead(_ own: HeadDesign, _ recipe: Recipe, _ tasks: TaskKinds) throws -> HeadDesign {
    let choice = recipe.model.head
    for (key, isGiven) in [("pooling", choice.pooling != nil), ("hidden", choice.hidden != nil)] where isGiven {
      throw RecipeError(
        source: recipe.source, key: "model.head.\(key)",
        problem: "is given, and the head reads tokens as they are; leave it out")
    }
    var design = own
    design.dropouts = choice.dropouts ?? design.dropouts
    return try tasks.head(design, of: recipe)
  }

  /// The pooling of a run that learns vectors: what the recipe asks for, else that of the model's folder, else the mean.
  private static func vectors(
    _ choice: HeadChoice, _ directory: PretrainedDirectory?, _ recipe: Recipe
  ) throws -> HeadDesign {
    let kind = recipe.task.kind ?? ""
    for (key, isGiven) in [("hidden", choice.hidden != nil), ("dropout", choice.dropouts != nil)] where isGiven {
      throw RecipeError(
        source: recipe.source, key: "model.head.\(key)",
        problem: "is given, and a model of \(kind) has no layer behind its encoder; leave it out")
    }
    let own = directory?.sentences?.head
    guard let pooling = choice.pooling else { return own ?? .vectors(.mean) }
    guard SentenceFolder.poolings.contains(pooling) else {
      let known = SentenceFolder.poolings.map(\.rawValue).joined(separator: ", ")
      throw RecipeError(
        source: recipe.source, key: "model.head.pooling",
        problem: "is \(pooling.rawValue), and the vector of \(kind) is one of \(known)")
    }
    return .vectors(pooling, isNormalized: own?.isNormalized ?? false)
  }

  /// - Returns: what of the checkpoint was not used and what of the model starts from random values.
  /// - Throws: `RecipeError` where the head is to be kept and does not fit.
  func load(
    into state: ModelState, withoutHead: Bool, scale: OutputScale?, _ recipe: Recipe
  ) throws -> [String] {
    guard let directory else { return ["the model starts from random weights"] }
    let isHeadKept = !isHeadOther && !withoutHead && directory.headLabels != nil
    let others: PretrainedDirectory.HeadPart = withoutHead ? head.decoder == nil ? .layers : .none : .all
    let report = try directory.load(into: state, head: isHeadOther ? .none : others)
    let scores = head.scores + "."
    if isHeadKept, !report.missing.contains(where: { $0.hasPrefix(scores) }) {
      scale?.remove(from: state.weights, head: head.scores)
    }
    if recipe.model.headWeights == .keep, let missing = report.missing.first(where: { $0.hasPrefix(scores) }) {
      throw RecipeError(
        source: recipe.source, key: "model.head_weights",
        problem:
          "is keep, and \(directory.weightsFile) has no \(missing) that fits the model; leave it out, or take new")
    }
    let notes = report.notes(on: directory.path)
    guard isHeadOther, head.hasScores else { return notes }
    let reason =
      head.readsWords
      ? "the task scores tokens, and that of \(directory.path) is another"
      : "model.head asks for another than that of \(directory.path)"
    return ["the head starts from random weights: \(reason)"] + notes
  }
}

extension Recipe {
  /// The files of a table.
  /// - Throws: `RecipeError` where the source is a pair of image files.
  func table(_ source: DataRecipe.Source, key: String) throws -> TableFiles {
    guard case .table(let files) = source else {
      throw RecipeError(source: self.source, key: key, problem: "is an IDX pair; a text classifier reads a table")
    }
    return files
  }
}
