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
    let labels = recipe.model.labels
    let length = try source.maximumLength(recipe)
    try source.checkPairs(recipe)
    func dataset(_ path: String, limit: Int?, labels: LabelSource) throws -> TokenDataset {
      try TokenDataset(
        file: path, columns: columns, limit: limit, tokenizer: source.tokenizer, maximumLength: length, labels: labels,
        cacheFolder: recipe.data.cache ?? TokenCache.defaultFolder)
    }
    let trainTable = try recipe.table(recipe.data.train, key: "data.train")
    let train = try dataset(trainTable, limit: recipe.data.limit, labels: .inferred(classes: labels))
    let validation = try recipe.data.validation.map { validation in
      guard let scheme = train.labelScheme else { preconditionFailure("training data without labels") }
      return try dataset(
        recipe.table(validation, key: "data.validation"), limit: nil, labels: .scheme(scheme))
    }
    let model = BertClassifier(
      source.configuration, labels: labels, multiSampleDropout: recipe.model.multiSampleDropout)
    let state = ModelState(model, seed: recipe.seed)
    material = Material(
      train: train, validation: validation, model: model, state: state,
      exporter: BertExporter(
        configuration: source.configuration, labels: labels, labelNames: train.labelNames ?? source.labelNames(labels),
        tokenizer: source.tokenizer, isGeneric: source.isGeneric, maximumLength: length),
      notes: try source.load(into: state))
  }
}

/// Where weights, configuration and vocabulary come from: a Hugging Face directory, or the recipe itself.
private struct TextSource {
  let configuration: BertConfiguration
  let tokenizer: WordPieceTokenizer
  let isGeneric: Bool
  private let directory: BertDirectory?

  init(_ recipe: Recipe) throws {
    if let path = recipe.model.from {
      let directory = try BertDirectory(path: path)
      self.directory = directory
      configuration = directory.configuration
      try directory.requireSingleLabel()
      let files = try TokenizerFiles(directory: path, vocabulary: recipe.model.vocabulary)
      tokenizer = try WordPieceTokenizer(files)
      isGeneric = files.isGeneric
    } else {
      guard let json = recipe.model.configuration, let vocabulary = recipe.model.vocabulary else {
        throw RecipeError(
          source: recipe.source, key: "model.from",
          problem: "is missing; give a Hugging Face directory, or configuration and vocabulary for random weights")
      }
      directory = nil
      let files = try TokenizerFiles(vocabularyFile: vocabulary)
      tokenizer = try WordPieceTokenizer(files)
      isGeneric = files.isGeneric
      let counted = json.merging(["vocab_size": tokenizer.tokenCount]) { given, _ in given }
      configuration = try BertConfiguration(json: counted, source: recipe.source + ": model.configuration")
    }
    try configuration.checkIDs(of: tokenizer)
  }

  /// Tokens of a row: what the recipe says, else 128 or as many as the model has positions.
  /// - Throws: `RecipeError` where the recipe asks for more than the model has.
  func maximumLength(_ recipe: Recipe) throws -> Int {
    let positions = configuration.maximumPositions
    guard recipe.data.maximumLength > positions, recipe.values["data.maximum_length"] != nil else {
      return min(recipe.data.maximumLength, positions)
    }
    throw RecipeError(
      source: recipe.source, key: "data.maximum_length",
      problem: "is \(recipe.data.maximumLength), and the model has \(positions) positions (max_position_embeddings);"
        + " give at most \(positions)")
  }

  /// - Throws: `RecipeError` where the rows are pairs and the model has one type of token.
  func checkPairs(_ recipe: Recipe) throws {
    guard recipe.data.pair != nil, configuration.typeVocabularySize < 2, tokenizer.options.marksPairs else { return }
    throw RecipeError(
      source: recipe.source, key: "data.columns.pair",
      problem: "is given, and the model has no type for the second text of a pair (type_vocab_size 1); leave it out, or"
        + " use a model with type_vocab_size 2")
  }

  /// The directory's class names, where they are as many as the recipe's labels.
  func labelNames(_ labels: Int) -> [String]? {
    directory?.labelNames.flatMap { $0.count == labels ? $0 : nil }
  }

  /// - Returns: what of the checkpoint was not used and what of the model starts from random values.
  func load(into state: ModelState) throws -> [String] {
    guard let directory else { return ["the model starts from random weights"] }
    let report = try directory.load(into: state)
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
