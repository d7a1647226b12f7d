import Data
import Layers
import Models
import Tensors
import Training

/// A residual network and its images, from a recipe.
struct ImageMaterial {
  let material: Material

  init(_ recipe: Recipe) throws {
    let directory = try recipe.model.from.map { try ResidualDirectory(path: $0) }
    let configuration = try directory?.configuration ?? Self.configuration(recipe)
    let rows = try Self.images(
      recipe, recipe.data.train, key: "data.train", configuration, limit: recipe.data.limit,
      labels: .inferred(labels: recipe.model.labels))
    guard let scheme = rows.labelScheme else { preconditionFailure("training images without labels") }
    let head = try directory.flatMap {
      ClassOrder.Head(path: $0.path, names: $0.labelNames, trained: try $0.headClasses())
    }
    let order = try ClassOrder(scheme, present: rows.presentClasses(scheme), head: head, recipe)
    let train = order.order.map { rows.ordered(as: order.scheme, $0) } ?? rows
    let validation = try recipe.data.validation.map {
      try Self.images(
        recipe, $0, key: "data.validation", configuration, limit: nil, labels: .scheme(order.scheme))
    }
    let labels = order.scheme.classes
    let model = ResidualNetwork(configuration, labels: labels, multiSampleDropout: recipe.model.head.dropouts)
    let state = ModelState(model, seed: recipe.seed)
    try directory?.load(into: state, withoutHead: order.isHeadNew)
    material = Material(
      train: train, validation: validation, model: model, state: state,
      exporter: ResidualExporter(configuration: configuration, labels: labels, labelNames: order.scheme.names),
      notes: (directory == nil ? ["the model starts from random weights"] : []) + order.notes
        + ClassRemarks.notes(on: train.classCounts(names: order.scheme.classNames)), scheme: order.scheme)
  }

  private static func configuration(_ recipe: Recipe) throws -> ResidualConfiguration {
    try ResidualConfiguration(
      json: recipe.model.configuration ?? [:], source: recipe.source + ": model.configuration")
  }

  /// - Throws: `RecipeError` where the source is a table, or its images have another number of channels or are too small.
  private static func images(
    _ recipe: Recipe, _ files: DataRecipe.Source, key: String, _ configuration: ResidualConfiguration, limit: Int?,
    labels source: LabelSource
  ) throws -> ImageDataset {
    guard case .images(let images, let labels) = files else {
      throw RecipeError(
        source: recipe.source, key: key,
        problem:
          "is a table's; an image classifier reads an IDX pair, {images: FILE, labels: FILE}, and neither tables nor"
          + " folders of images; write the images as IDX files")
    }
    let dataset = try ImageDataset(
      images: images, labels: labels, source: source, limit: limit,
      normalization: PixelNormalization(
        mean: Float(configuration.pixelMean), deviation: Float(configuration.pixelDeviation)))
    guard dataset.channels == configuration.inputChannels else {
      throw RecipeError(
        source: recipe.source, key: key,
        problem: "has images of \(dataset.channels) channels and the model takes \(configuration.inputChannels);"
          + " set model.configuration.input_channels")
    }
    guard dataset.height > 1, dataset.width > 1 else {
      throw RecipeError(
        source: recipe.source, key: key,
        problem: "has images of \(dataset.height) × \(dataset.width) pixels; give images of at least 2 × 2")
    }
    return dataset
  }
}
