import Data
import Foundation
import Layers
import Models
import Recipes
import Tasks
import Tensors
import Text
import Training

/// A trained model's folder, read: the model with its weights, and how its rows are read.
protocol SavedModel {
  var model: any Classifier { get }
  var task: any LearningTask { get }
  /// What of the folder is not used.
  var notes: [String] { get }
  /// Tokens of a row; nil where rows have none.
  var maximumLength: Int? { get }

  /// Reads rows as the model was trained to read them.
  func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions, isLabelled: Bool
  ) throws -> any Dataset

  /// Unlabelled rows that are in memory.
  func rows(_ table: Table) throws -> any Dataset
}

/// Finds out from `config.json` which kind of model a folder holds.
/// - Throws: `ModelError`, `SafetensorsError` or `VocabularyError`, naming the file.
func savedModel(in path: String, _ tasks: TaskKinds) throws -> any SavedModel {
  switch try ModelKind(of: path) {
  case .text: try SavedTextModel(path, tasks)
  case .residualNetwork: try SavedImageModel(path, tasks)
  }
}

private struct SavedTextModel: SavedModel {
  let model: any Classifier
  let task: any LearningTask
  private let path: String
  let maximumLength: Int?
  private let rowLength: Int
  /// Whether the model can distinguish the second text of a pair from the first.
  private let canMarkPairs: Bool
  private let tokenizer: any Tokenizer
  private let windows: RowWindows?
  let notes: [String]

  init(_ path: String, _ tasks: TaskKinds) throws {
    self.path = path
    let directory = try PretrainedDirectory(path: path)
    let own = directory.vectorDescription ?? directory.vocabularyDescription ?? directory.description
    guard let head = own else {
      throw ModelError(
        file: directory.weightsFile,
        problem: "lacks \(directory.head.scores).weight, the head of a classifier",
        remedy: "give the folder of a trained classifier, or train one from this model with model.from")
    }
    try directory.requireTiedWords()
    tokenizer = try Tokenizers.read(directory: path)
    try directory.checkIDs(of: tokenizer)
    rowLength = min(
      tokenizer.maximumLength ?? .max, directory.sentences?.maximumLength ?? .max, directory.family.mostTokens)
    task = try tasks.task(of: head).reading(tokenizer, maximumLength: rowLength)
    maximumLength = rowLength
    windows = try directory.windows(for: task, tokenizer, maximumLength: rowLength)
    canMarkPairs = directory.family.configuration.typeVocabularySize > 1 || !tokenizer.marksPairs
    let model = TextClassifier(
      directory.family, labels: head.outputs,
      head: directory.sentences?.head ?? directory.vocabularyHead ?? directory.head)
    let report = try directory.load(into: ModelState(model, seed: 0))
    if let missing = report.missing.first {
      throw ModelError(
        file: directory.weightsFile, problem: "lacks \(missing)",
        remedy: "give the folder of a trained classifier")
    }
    notes = report.notes(on: path)
    self.model = model
  }

  /// - Throws: `ModelError` where the model was not made for pairs, or for nothing else.
  private func checkPairs(_ arePairs: Bool) throws {
    guard type(of: task).layout != .separate else {
      guard arePairs else {
        throw ModelError(
          file: path, problem: "compares the two texts of a pair",
          remedy: "give the second with --pair, or write the vectors of single texts with lockstep embed")
      }
      return
    }
    guard arePairs, !canMarkPairs else { return }
    throw ModelError(
      file: path + "/config.json", problem: "type_vocab_size is 1: the model has no type for the second text of a pair",
      remedy: "leave --pair out, or use a model with type_vocab_size 2")
  }

  func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions, isLabelled: Bool
  ) throws -> any Dataset {
    guard case .table(let files) = source else {
      throw ModelError(
        file: path, problem: "is a text classifier, which reads a table, no images",
        remedy: "leave the file of image labels out")
    }
    var columns = columns.filled(by: type(of: task).usualColumns)
    try checkPairs(columns.pair != nil)
    guard columns.negatives.isEmpty || type(of: task).layout == .separate else {
      throw ModelError(file: path, problem: "compares no texts with negatives", remedy: "leave --negative out")
    }
    let vocabulary = task as? any VocabularyTask
    if !isLabelled || vocabulary != nil { columns.labels = [] }
    let areWhole = isLabelled && vocabulary?.joinsTexts == true
    var settings = TokenDataset.Settings(
      tokenizer: tokenizer, maximumLength: areWhole ? TokenDataset.wholeTexts : rowLength)
    settings.options = options
    settings.options.readsLines = vocabulary != nil
    settings.layout = type(of: task).layout
    settings.windows = windows
    let rows = try TokenDataset(files: files, columns: columns, settings: settings)
    guard !isLabelled else {
      return try task.rows(rows.with(task.targets(of: rows.targetCells)), for: .judging)
    }
    try task.check(rows.targetCells)
    return try task.rows(rows, for: .answering)
  }

  func rows(_ table: Table) throws -> any Dataset {
    let arePairs = table.rows.map { $0.pair != nil }
    try checkPairs(type(of: task).layout == .separate ? !arePairs.contains(false) : arePairs.contains(true))
    let rows = try TokenDataset(
      table, tokenizer: tokenizer, maximumLength: rowLength, layout: type(of: task).layout, windows: windows)
    try task.check(rows.targetCells)
    return try task.rows(rows, for: .answering)
  }
}

private struct SavedImageModel: SavedModel {
  var notes: [String] { [] }
  var maximumLength: Int? { nil }
  let model: any Classifier
  let task: any LearningTask
  private let path: String
  private let configuration: ResidualConfiguration

  init(_ path: String, _ tasks: TaskKinds) throws {
    self.path = path
    let directory = try ResidualDirectory(path: path)
    configuration = directory.configuration
    guard let labelNames = directory.labelNames, labelNames.count >= 2 else {
      throw ModelError(
        file: path + "/config.json", problem: "has no id2label with two or more names",
        remedy: "give the folder of a trained classifier")
    }
    let model = ResidualNetwork(configuration, labels: labelNames.count)
    try directory.load(into: ModelState(model, seed: 0))
    self.model = model
    task = try tasks.task(
      of: HeadDescription(source: path + "/config.json", outputs: labelNames.count, names: labelNames))
  }

  func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions, isLabelled: Bool
  ) throws -> any Dataset {
    let files: (images: String, labels: String?)
    switch source {
    case .images(let images, let labels): files = (images, isLabelled ? labels : nil)
    case .table(let table): files = (table.description, nil)
    }
    if isLabelled, files.labels == nil {
      throw ModelError(
        file: path, problem: "is an image classifier, whose labels are in a separate file",
        remedy: "name the IDX file of the labels with --image-labels")
    }
    let dataset = try ImageDataset(
      images: files.images, labels: files.labels,
      normalization: PixelNormalization(
        mean: Float(configuration.pixelMean), deviation: Float(configuration.pixelDeviation)))
    guard dataset.channels == configuration.inputChannels, dataset.height > 1, dataset.width > 1 else {
      throw ModelError(
        file: files.images,
        problem: "has images of \(dataset.channels) × \(dataset.height) × \(dataset.width)",
        remedy: "give images of \(configuration.inputChannels) channels and at least 2 × 2 pixels")
    }
    return files.labels == nil ? dataset : dataset.with(try task.targets(of: dataset.targetCells))
  }

  func rows(_ table: Table) throws -> any Dataset {
    throw ModelError(
      file: path, problem: "is an image classifier, which reads no texts", remedy: "give --input an IDX file of images")
  }
}
