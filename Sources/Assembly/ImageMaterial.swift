import Data
import Layers
import Models
import Recipes
import Tasks
import Tensors
import Training

/// A residual network and its images, from a recipe.
struct ImageMaterial {
  let material: Material

  init(_ recipe: Recipe, _ tasks: TaskKinds) throws {
    let directory = try recipe.model.from.map { try ResidualDirectory(path: $0) }
    let configuration = try directory?.configuration ?? Self.configuration(recipe)
    let rows = try Self.images(recipe, recipe.data.train, key: "data.train", configuration, limit: recipe.data.limit)
    let head = try directory.flatMap {
      TrainedHead(path: $0.path, names: $0.labelNames, trained: try $0.headClasses())
    }
    let kind = try tasks.kind(of: recipe, for: rows.targetCells)
    guard kind == TaskKinds.all[0] else {
      throw RecipeError(
        source: recipe.source, key: "task.kind",
        problem: "is \(kind.kind), and an image classifier learns \(TaskKinds.all[0].kind); leave it out")
    }
    let task = try kind.init(rows.targetCells, start: TaskStart(recipe: recipe, head: head))
    let train = rows.with(try task.targets(of: rows.targetCells))
    let validation = try recipe.data.validation.map {
      let rows = try Self.images(recipe, $0, key: "data.validation", configuration, limit: nil)
      return rows.with(try task.targets(of: rows.targetCells))
    }
    let model = ResidualNetwork(configuration, labels: task.outputs, multiSampleDropout: recipe.model.head.dropouts)
    let state = ModelState(model, seed: recipe.seed)
    try directory?.load(into: state, withoutHead: task.startsHead)
    material = Material(
      train: train, validation: validation, model: model, state: state,
      exporter: ResidualExporter(configuration: configuration, description: task.head),
      notes: (directory == nil ? ["the model starts from random weights"] : []) + task.notes(on: train), task: task)
  }

  private static func configuration(_ recipe: Recipe) throws -> ResidualConfiguration {
    try ResidualConfiguration(
      json: recipe.model.configuration ?? [:], source: recipe.source + ": model.configuration")
  }

  /// - Throws: `RecipeError` where the source is a table, or its images have another number of channels or are too small.
  private static func images(
    _ recipe: Recipe, _ files: DataRecipe.Source, key: String, _ configuration: ResidualConfiguration, limit: Int?
  ) throws -> ImageDataset {
    guard case .images(let images, let labels) = files else {
      throw RecipeError(
        source: recipe.source, key: key,
        problem:
          "is a table's; an image classifier reads an IDX pair, {images: FILE, labels: FILE}, and neither tables nor"
          + " folders of images; write the images as IDX files")
    }
    let dataset = try ImageDataset(
      images: images, labels: labels, limit: limit,
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
