import Data
import Foundation
import Layers
import Models
import Tensors
import Text
import Training

/// BERT and its texts, from a recipe.
struct TextMaterial {
  let material: Material

  init(_ recipe: Recipe) throws {
    let source = try TextSource(recipe)
    let columns = ColumnMapping(
      text: recipe.data.text, pair: recipe.data.pair, label: recipe.data.label, id: recipe.data.id)
    let length = try Self.maximumLength(recipe, source.configuration)
    var settings = TokenDataset.Settings(tokenizer: source.tokenizer, maximumLength: length)
    settings.options = recipe.data.tableOptions
    settings.cacheFolder = recipe.data.cache ?? TokenCache.defaultFolder
    settings.refreshesCache = recipe.data.refreshesCache
    let rows = try TokenDataset(
      file: recipe.table(recipe.data.train, key: "data.train"), columns: columns, limit: recipe.data.limit,
      labels: .inferred(labels: recipe.model.labels), settings: settings)
    guard let scheme = rows.labelScheme else { preconditionFailure("training data without labels") }
    let order = try ClassOrder(scheme, present: rows.presentClasses(scheme), head: source.head(), recipe)
    let train = order.order.map { rows.ordered(as: order.scheme, $0) } ?? rows
    let validation = try recipe.data.validation.map { validation in
      try TokenDataset(
        file: recipe.table(validation, key: "data.validation"), columns: columns, labels: .scheme(order.scheme),
        settings: settings)
    }
    let facts = RowFacts(
      train: train, validation: validation, maximumLength: length, positions: source.configuration.maximumPositions)
    let labels = order.scheme.classes
    let model = BertClassifier(
      source.configuration, labels: labels, multiSampleDropout: recipe.model.multiSampleDropout)
    let state = ModelState(model, seed: recipe.seed)
    let notes = try source.load(into: state, withoutHead: order.isHeadNew)
    material = Material(
      train: train, validation: validation, model: model, state: state,
      exporter: BertExporter(
        configuration: source.configuration, labels: labels, labelNames: order.scheme.names,
        vocabulary: source.vocabularyFile, lowercases: source.tokenizer.options.lowercase, maximumLength: length),
      notes: notes + order.notes + ClassRemarks.notes(on: train.classCounts(names: order.scheme.classNames))
        + facts.notes, scheme: order.scheme, facts: facts)
  }

  /// - Throws: `RecipeError` where rows are allowed to be longer than the model can read.
  private static func maximumLength(_ recipe: Recipe, _ configuration: BertConfiguration) throws -> Int {
    let (length, positions) = (recipe.data.maximumLength, configuration.maximumPositions)
    guard length > positions, recipe.values["data.maximum_length"] != nil else { return min(length, positions) }
    throw RecipeError(
      source: recipe.source, key: "data.maximum_length",
      problem:
        "is \(length), and the model reads \(positions) tokens at most (max_position_embeddings); give \(positions)"
        + " or less")
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
  let configuration: BertConfiguration
  let tokenizer: WordPieceTokenizer
  let vocabularyFile: String
  private let directory: BertDirectory?

  init(_ recipe: Recipe) throws {
    if let path = recipe.model.from {
      let directory = try BertDirectory(path: path)
      self.directory = directory
      configuration = directory.configuration
      vocabularyFile = recipe.model.vocabulary ?? Self.vocabularyFile(in: path)
      tokenizer = WordPieceTokenizer(
        vocabulary: try Vocabulary(contentsOfFile: vocabularyFile), options: try TokenizerOptions(directory: path))
    } else {
      guard let json = recipe.model.configuration, let vocabulary = recipe.model.vocabulary else {
        throw RecipeError(
          source: recipe.source, key: "model.from",
          problem: "is missing; give a Hugging Face directory, or configuration and vocabulary for random weights")
      }
      directory = nil
      vocabularyFile = vocabulary
      tokenizer = WordPieceTokenizer(vocabulary: try Vocabulary(contentsOfFile: vocabulary))
      let counted = json.merging(["vocab_size": tokenizer.vocabulary.count]) { given, _ in given }
      configuration = try BertConfiguration(json: counted, source: recipe.source + ": model.configuration")
    }
    guard tokenizer.vocabulary.count <= configuration.vocabularySize else {
      throw ModelError(
        file: vocabularyFile,
        problem:
          "has \(tokenizer.vocabulary.count) tokens, and the model's vocab_size is \(configuration.vocabularySize)",
        remedy: "use the vocabulary that belongs to the model")
    }
  }

  private static func vocabularyFile(in directory: String) -> String {
    let text = directory + "/vocab.txt"
    return FileManager.default.fileExists(atPath: text) ? text : directory + "/tokenizer.json"
  }

  /// The head that the run may start from, or that its directory describes.
  func head() throws -> ClassOrder.Head? {
    guard let directory else { return nil }
    return ClassOrder.Head(path: directory.path, names: directory.labelNames, trained: try directory.headClasses())
  }

  /// - Returns: what of the checkpoint was not used and what of the model starts from random values.
  func load(into state: ModelState, withoutHead: Bool) throws -> [String] {
    guard let directory else { return ["the model starts from random weights"] }
    let report = try directory.load(into: state, withoutHead: withoutHead)
    var notes: [String] = []
    if !report.missing.isEmpty {
      notes.append("not in \(directory.path), random at first: " + report.missing.joined(separator: ", "))
    }
    if !report.unexpected.isEmpty {
      notes.append("in \(directory.path) but not used: " + report.unexpected.joined(separator: ", "))
    }
    return notes
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
