import Assembly
import Checkpoints
import Collectives
import DataParallel
import Foundation
import Lockstep
import Recipes
import Runs
import TestSupport
import Testing
import Training

/// Image classifiers from a recipe's text to the models that come out.
@Suite struct RecipeTests {
  private static let size = 8

  /// A folder with 44 images and their labels, removed afterwards.
  private func withImages(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/image-recipes-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let rows = ImageRows(random: 44, side: Self.size, labels: 5, seed: 9)
    let pixels = rows.images.flatMap { $0.map { UInt8(min(255, $0 * 120)) } }
    try idx([44, Self.size, Self.size], pixels).write(to: URL(filePath: path + "/images"))
    try idx([44], rows.labels.map { UInt8($0) }).write(to: URL(filePath: path + "/labels"))
    try body(path)
  }

  private func idx(_ dimensions: [Int], _ values: [UInt8]) -> Data {
    Data([0, 0, 8, UInt8(dimensions.count)] + dimensions.flatMap { [0, 0, 0, UInt8($0)] } + values)
  }

  private func recipe(
    _ folder: String, model: String = "", techniques: String = "", refresh: String = "pooled"
  ) throws -> Recipe {
    let pair = "{images: \(folder)/images, labels: \(folder)/labels}"
    let text = """
      model:
        kind: image-classifier
        configuration: {stem_channels: 4, block_channels: [4, 6], dropout: 0.2}
        labels: 5
        \(model)
      data: {train: \(pair), validation: \(pair)}
      batch: {size: 16, microbatch: 4}
      steps: 6
      optimizer: {kind: sgd, learning_rate: 0.05}
      techniques: {swa: {start: 2, refresh: \(refresh)}\(techniques)}
      reduction: ordered
      """
    return try Recipe(RecipeDocument(yaml: text, source: "test.yaml"))
  }

  /// Runs a recipe in a folder, perhaps only until a step, and takes up what is there.
  private func run(
    _ recipe: @escaping @Sendable () throws -> Recipe, ranks: Int, output: String, until step: Int?
  ) throws {
    _ = try Ranks.run(ranks) { group in
      let recipe = try recipe()
      let assembly = try RunAssembly(recipe, threads: 1)
      let trainer = Trainer(
        parts: assembly.parts, settings: assembly.settings,
        replicas: DataParallelGroup(group, reduction: recipe.reduction))
      let directory = RunDirectory(path: output)
      if group.rank == 0 { try directory.create() }
      let run = TrainingRun(
        trainer: trainer, directory: directory, exporter: assembly.exporter,
        keeper: CheckpointKeeper(directory: directory, recipe: recipe), observers: [],
        isStopRequested: { trainer.step + 1 == step })
      do {
        _ = try run.run(resume: .auto)
      } catch TrainingError.stopped where step != nil {}
    }
  }

  private func model(_ output: String, _ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: RunDirectory(path: output).model(name) + "/model.safetensors"))
  }

  @Test(
    "stopped and resumed on other ranks, weights, running statistics and the refreshed average are the same bits",
    arguments: ["pooled", "parity", "layered"])
  func resume(refresh: String) throws {
    try withImages { folder in
      let recipe = { @Sendable in try self.recipe(folder, refresh: refresh) }
      try run(recipe, ranks: 1, output: folder + "/whole", until: nil)
      try run(recipe, ranks: 2, output: folder + "/cut", until: 3)
      try run(recipe, ranks: 4, output: folder + "/cut", until: nil)
      for name in ["last", "swa", "best"] {
        #expect(try model(folder + "/cut", name) == model(folder + "/whole", name), "\(name)")
      }
      #expect(try model(folder + "/whole", "swa") != model(folder + "/whole", "last"))
    }
  }

  @Test("the exported average holds refreshed statistics, not the mean of running ones")
  func export() throws {
    try withImages { folder in
      for refresh in ["none", "pooled"] {
        try run({ try self.recipe(folder, refresh: refresh) }, ranks: 2, output: folder + "/" + refresh, until: nil)
      }
      let files = try ["none", "pooled"].map {
        try SafetensorsFile(RunDirectory(path: folder + "/" + $0).model("swa") + "/model.safetensors")
      }
      #expect(try files[0].floats("fc.weight") == files[1].floats("fc.weight"))
      #expect(try files[0].floats("bn5.running_mean") != files[1].floats("bn5.running_mean"))
    }
  }

  @Test("a trained folder is where another run may begin")
  func from() throws {
    try withImages { folder in
      try run({ try self.recipe(folder) }, ranks: 1, output: folder + "/first", until: nil)
      let pair = "{images: \(folder)/images, labels: \(folder)/labels}"
      let text = """
        model: {kind: image-classifier, from: \(folder)/first/models/swa, labels: 5, statistics: synchronized}
        data: {train: \(pair)}
        """
      let assembly = try RunAssembly(Recipe(RecipeDocument(yaml: text, source: "test.yaml")), threads: 1)
      let saved = try SafetensorsFile(folder + "/first/models/swa/model.safetensors")
      #expect(try Array(assembly.parts.state.buffers["bn2.running_var"]!) == saved.floats("bn2.running_var"))
      #expect(assembly.parts.statistics == .synchronized)
    }
  }

  @Test(
    "what does not fit an image classifier is refused with its key",
    arguments: [
      ("vocabulary: vocab.txt", "model.vocabulary"), ("statistics: global", "model.statistics"),
      ("from: somewhere", "model.configuration"),
    ])
  func refusals(line: String, key: String) throws {
    try withImages { folder in
      #expect {
        _ = try recipe(folder, model: line)
      } throws: {
        "\($0)".contains(key)
      }
    }
  }

  @Test("a table as data, and images of other channels, are refused with the key")
  func wrongData() throws {
    try withImages { folder in
      let pair = "{images: \(folder)/images, labels: \(folder)/labels}"
      for (configuration, train) in [("{}", "rows.tsv"), ("{input_channels: 3}", pair)] {
        let text = """
          model: {kind: image-classifier, configuration: \(configuration), labels: 5}
          data: {train: \(train)}
          """
        let recipe = try Recipe(RecipeDocument(yaml: text, source: "test.yaml"))
        #expect {
          try RunAssembly(recipe, threads: 1)
        } throws: {
          "\($0)".contains("data.train")
        }
      }
    }
  }
}
