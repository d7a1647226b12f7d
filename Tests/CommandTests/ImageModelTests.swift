import Foundation
import Testing

@Suite("A trained image model")
struct ImageModelTests {
  private static let rows = 60
  private static let classes = 3

  /// A folder with a run over random images of three classes, which differ in brightness.
  private func trained() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let labels = (0..<Self.rows).map { UInt8($0 * 7 % Self.classes) }
    let pixels = labels.enumerated().flatMap { row, label in
      (0..<64).map { UInt8(60 * Int(label) + (row * 31 + $0 * 17) % 50) }
    }
    try folder.write(idx([Self.rows, 8, 8], pixels), to: "images")
    try folder.write(idx([Self.rows], labels), to: "labels")
    try folder.write(
      """
      model: {kind: image-classifier, configuration: {stem_channels: 4, block_channels: [4, 6]}, labels: 3}
      data: {train: {images: images, labels: labels}, validation: {images: images, labels: labels}}
      batch: {size: 12, microbatch: 6}
      steps: 12
      optimizer: {kind: sgd, learning_rate: 0.05}
      checkpoint: {every: 4, keep: 3}
      threads: 1
      """, to: "images.yaml")
    let outcome = try Command("train", "images.yaml", "--output", "out", in: folder).run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return folder
  }

  private func idx(_ dimensions: [Int], _ values: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)] + dimensions.flatMap { [0, 0, 0, UInt8($0)] } + values
  }

  @Test("is evaluated to the figures that the run itself logged, and predicts images without labels")
  func use() throws {
    let folder = try trained()
    let outcome = try Command("evaluate", "out/models/last", "images", "--image-labels", "labels", in: folder).run()
    let figures = try object(outcome.output)
    let lines = try folder.read("out/metrics.jsonl").split(separator: "\n").map { try object($0) }
    let logged = try #require(lines.compactMap { $0["evaluation"] as? [String: Any] }.last)
    #expect(figures["accuracy"] as? Double == logged["accuracy"] as? Double)
    let predicted = try Command(
      "predict", "out/models/last", "--input", "images", "--output", "predictions.jsonl", in: folder
    ).run()
    #expect(predicted.status == 0, "\(predicted.error)")
    let predictions = try folder.read("predictions.jsonl").split(separator: "\n").map { try object($0) }
    let right = predictions.enumerated().filter { $1["label"] as? String == "LABEL_\($0 * 7 % Self.classes)" }.count
    #expect(predictions.count == Self.rows)
    #expect(Double(right) / Double(Self.rows) == logged["accuracy"] as? Double)
  }

  @Test("is not evaluated without its labels, nor on a table")
  func misuse() throws {
    let folder = try trained()
    for (arguments, mention) in [
      (["evaluate", "out/models/last", "images"], "--image-labels"),
      (["evaluate", "out/models/last", "images.yaml", "--image-labels", "labels"], "images.yaml"),
      (["average", "out", "--newest", "9", "--output", "mean"], "has 3 valid checkpoints, not 9"),
    ] {
      var command = Command(in: folder)
      command.arguments = arguments
      let outcome = try command.run()
      #expect(outcome.status == 2 && outcome.output == "" && outcome.error.contains(mention), "\(outcome)")
    }
    #expect(!folder.contains("mean"))
  }

  @Test("is averaged over the run's newest checkpoints, running statistics included, into a model that can be used")
  func average() throws {
    let folder = try trained()
    let outcome = try Command("average", "out", "--newest", "1", "--output", "one", in: folder).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let (one, last) = (folder.contents(below: "one"), folder.contents(below: "out/models/last"))
    #expect(one["model.safetensors"] != nil && one["model.safetensors"] == last["model.safetensors"])
    try #require(Command("average", "out", "--newest", "3", "--output", "three", in: folder).run().status == 0)
    #expect(folder.contents(below: "three")["model.safetensors"] != one["model.safetensors"])
    let used = try Command("evaluate", "three", "images", "--image-labels", "labels", in: folder).run()
    #expect(used.status == 0, "\(used.error)")
  }
}
