import Data
import Foundation
import Layers
import Models
import Tensors
import Text
import Training

/// A trained model's folder, read: the model with its weights, and how its rows are read.
protocol SavedClassifier {
  var model: any Classifier { get }
  /// In the order of the scores.
  var labelNames: [String] { get }

  /// Reads rows as the model was trained to read them.
  func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions, isLabelled: Bool
  ) throws -> any Dataset

  /// Unlabelled rows that are in memory.
  func rows(_ table: Table) throws -> any Dataset
}

/// Finds out from `config.json` which kind of model a folder holds.
/// - Throws: `ModelError`, `SafetensorsError` or `VocabularyError`, naming the file.
func savedClassifier(in path: String) throws -> any SavedClassifier {
  ResidualDirectory.holds(path) ? try SavedImageClassifier(path) : try SavedTextClassifier(path)
}

/// A classifier's class names, without which its scores mean nothing.
private func classNames(_ names: [String]?, in path: String, atLeast minimum: Int = 1) throws -> [String] {
  guard let names, names.count >= minimum else {
    throw ModelError(
      file: path + "/config.json", problem: "has no id2label", remedy: "give the folder of a trained classifier")
  }
  return names
}

private struct SavedTextClassifier: SavedClassifier {
  let model: any Classifier
  let labelNames: [String]
  private let path: String
  private let maximumLength: Int
  private let tokenizer: WordPieceTokenizer

  init(_ path: String) throws {
    self.path = path
    let directory = try BertDirectory(path: path)
    let labelNames = try classNames(directory.labelNames, in: path)
    let model = BertClassifier(directory.configuration, labels: labelNames.count)
    let report = try directory.load(into: ModelState(model, seed: 0))
    if let missing = report.missing.first {
      throw ModelError(
        file: path + "/model.safetensors", problem: "lacks \(missing)",
        remedy: "give the folder of a trained classifier")
    }
    (self.model, self.labelNames, maximumLength) = (model, labelNames, directory.maximumLength)
    tokenizer = try WordPieceTokenizer(directory: path)
  }

  func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions, isLabelled: Bool
  ) throws -> any Dataset {
    guard case .table(let file) = source else {
      throw ModelError(
        file: path, problem: "is a text classifier, which reads a table, no images",
        remedy: "leave the file of image labels out")
    }
    var columns = columns
    if !isLabelled { columns.label = nil }
    var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: maximumLength)
    settings.options = options
    return try TokenDataset(file: file, columns: columns, labels: .model(labelNames), settings: settings)
  }

  func rows(_ table: Table) throws -> any Dataset {
    try TokenDataset(table, tokenizer: tokenizer, maximumLength: maximumLength)
  }
}

private struct SavedImageClassifier: SavedClassifier {
  let model: any Classifier
  let labelNames: [String]
  private let path: String
  private let configuration: ResidualConfiguration

  init(_ path: String) throws {
    self.path = path
    let directory = try ResidualDirectory(path: path)
    configuration = directory.configuration
    let labelNames = try classNames(directory.labelNames, in: path, atLeast: 2)
    let model = ResidualNetwork(configuration, labels: labelNames.count)
    try directory.load(into: ModelState(model, seed: 0))
    (self.model, self.labelNames) = (model, labelNames)
  }

  func rows(
    _ source: DataRecipe.Source, columns: ColumnMapping, options: TableOptions, isLabelled: Bool
  ) throws -> any Dataset {
    let files: (images: String, labels: String?)
    switch source {
    case .images(let images, let labels): files = (images, isLabelled ? labels : nil)
    case .table(let images): files = (images, nil)
    }
    if isLabelled, files.labels == nil {
      throw ModelError(
        file: path, problem: "is an image classifier, whose labels are a file of their own",
        remedy: "name the IDX file of the labels with --image-labels")
    }
    let dataset = try ImageDataset(
      images: files.images, labels: files.labels, source: .model(labelNames),
      normalization: PixelNormalization(
        mean: Float(configuration.pixelMean), deviation: Float(configuration.pixelDeviation)))
    guard dataset.channels == configuration.inputChannels, dataset.height > 1, dataset.width > 1 else {
      throw ModelError(
        file: files.images,
        problem: "has images of \(dataset.channels) × \(dataset.height) × \(dataset.width)",
        remedy: "give images of \(configuration.inputChannels) channels and at least 2 × 2 pixels")
    }
    return dataset
  }

  func rows(_ table: Table) throws -> any Dataset {
    throw ModelError(
      file: path, problem: "is an image classifier, which reads no texts", remedy: "give --input an IDX file of images")
  }
}
