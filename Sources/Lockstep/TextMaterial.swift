import Data
import Foundation
import Layers
import Models
import Tensors
import Text
import Training

/// A text classifier and its texts, from a recipe.
struct TextMaterial {
  let material: Material

  init(_ recipe: Recipe) throws {
    let source = try TextSource(recipe)
    let columns = ColumnMapping(
      text: recipe.data.text, pair: recipe.data.pair, label: recipe.data.label, id: recipe.data.id)
    let length = try source.maximumLength(recipe)
    try source.checkPairs(recipe)
    var settings = TokenDataset.Settings(tokenizer: source.tokenizer, maximumLength: length)
    settings.options = recipe.data.tableOptions
    settings.cacheFolder = recipe.data.cache ?? TokenCache.defaultFolder
    settings.refreshesCache = recipe.data.refreshesCache
    let rows = try TokenDataset(
      file: recipe.table(recipe.data.train, key: "data.train"), columns: columns, limit: recipe.data.limit,
      labels: .inferred(labels: recipe.model.labels), settings: settings)
    guard let scheme = rows.labelScheme else { preconditionFailure("training data without labels") }
    let order = try ClassOrder(scheme, present: rows.presentClasses(scheme), head: source.trainedHead(), recipe)
    let train = order.order.map { rows.ordered(as: order.scheme, $0) } ?? rows
    let validation = try recipe.data.validation.map { validation in
      try TokenDataset(
        file: recipe.table(validation, key: "data.validation"), columns: columns, labels: .scheme(order.scheme),
        settings: settings)
    }
    let facts = RowFacts(
      train: train, validation: validation, maximumLength: length, positions: source.family.mostTokens)
    let labels = order.scheme.classes
    let model = TextClassifier(
      source.family, labels: labels, head: source.head)
    let state = ModelState(model, seed: recipe.seed)
    let notes = try source.load(into: state, withoutHead: order.isHeadNew, recipe)
    let exporter = TextExporter(
      family: source.family, head: source.head, labels: labels, labelNames: order.scheme.names,
      tokenizer: source.tokenizer, maximumLength: length)
    material = Material(
      train: train, validation: validation, model: model, state: state,
      exporter: exporter,
      notes: notes + order.notes + (exporter.note.map { [$0] } ?? [])
        + ClassRemarks.notes(on: train.classCounts(names: order.scheme.classNames))
        + facts.notes, scheme: order.scheme, facts: facts)
  }
}

extension DataRecipe {
  /// How the bytes of its tables become fields.
  public var tableOptions: TableOptions { TableOptions(quotes: quotes, encoding: encoding) }
}

extension Dataset {
  /// The classes that have rows.
  func presentClasses(_ scheme: LabelScheme) -> [Int32] {
    let counts = classCounts(names: scheme.classNames)
    return counts.indices.filter { counts[$0].rows > 0 }.map(Int32.init)
  }
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

  init(_ recipe: Recipe) throws {
    if let path = recipe.model.from {
      let directory = try PretrainedDirectory(path: path)
      self.directory = directory
      family = directory.family
      head = try Self.head(directory.family, directory, recipe)
      // A head with one row fits no rows of two classes, so a new one takes its place, with a warning.
      if recipe.model.headWeights != .new, directory.headLabels != 1, directory.head.computes(as: head) {
        try directory.requireSingleLabel()
      }
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
      head = try Self.head(family, nil, recipe)
    }
    try family.checkIDs(of: tokenizer)
    let cut = tokenizer.truncation
    tokenizer.truncation = Truncation(
      recipe.data.truncation ?? cut.strategy, side: recipe.data.truncationSide ?? cut.side)
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
    guard recipe.data.pair != nil, family.configuration.typeVocabularySize < 2, tokenizer.marksPairs else { return }
    throw RecipeError(
      source: recipe.source, key: "data.columns.pair",
      problem: "is given, and the model has no type for the second text of a pair (type_vocab_size 1); leave it out, or"
        + " use a model with type_vocab_size 2")
  }

  /// The head that the run may start from, or that its directory describes.
  func trainedHead() -> ClassOrder.Head? {
    guard let directory else { return nil }
    return ClassOrder.Head(
      path: directory.path, names: directory.labelNames, trained: isHeadOther ? nil : directory.headLabels)
  }

  /// Whether the recipe asks for another head than the one in the model's folder.
  private var isHeadOther: Bool { directory.map { !$0.head.computes(as: head) } ?? false }

  /// The head of the run: what the recipe asks for, else that of the model's folder.
  private static func head(
    _ family: any EncoderFamily, _ directory: PretrainedDirectory?, _ recipe: Recipe
  ) throws -> HeadDesign {
    let choice = recipe.model.head
    if var own = directory?.head, choice.pooling == nil, choice.hidden == nil {
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

  /// - Returns: what of the checkpoint was not used and what of the model starts from random values.
  /// - Throws: `RecipeError` where the head is to be kept and does not fit.
  func load(into state: ModelState, withoutHead: Bool, _ recipe: Recipe) throws -> [String] {
    guard let directory else { return ["the model starts from random weights"] }
    let report = try directory.load(into: state, head: isHeadOther ? .none : withoutHead ? .layers : .all)
    let scores = head.scores + "."
    if recipe.model.headWeights == .keep, let missing = report.missing.first(where: { $0.hasPrefix(scores) }) {
      throw RecipeError(
        source: recipe.source, key: "model.head_weights",
        problem:
          "is keep, and \(directory.weightsFile) has no \(missing) that fits the model; leave it out, or take new")
    }
    let notes = report.notes(on: directory.path)
    guard isHeadOther else { return notes }
    return ["the head starts from random weights: model.head asks for another than that of \(directory.path)"] + notes
  }
}

extension Recipe {
  /// The path of a table.
  /// - Throws: `RecipeError` where the source is a pair of image files.
  func table(_ source: DataRecipe.Source, key: String) throws -> String {
    guard case .table(let path) = source else {
      throw RecipeError(source: self.source, key: key, problem: "is an IDX pair; a text classifier reads a table")
    }
    return path
  }
}
