import Collectives
import Data
import DataParallel
import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing
import Text
import Training

/// Members of every family, trained, exported and read again.
@Suite struct EncoderFamilyRunTests {
  static let families = EncoderFamilies.all.map { $0.modelTypes[0] }

  private static func parts(_ type: String) throws -> TrainingParts {
    let family = try #require(EncoderFamilies.family(of: type))
    return try TinyEncoder.parts(of: TinyEncoder.member(of: family), microbatch: 4)
  }

  private static func train(_ parts: TrainingParts, steps: Int, group: any Group = SoloGroup()) throws -> [StepReport] {
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 7, totalSteps: steps),
      replicas: DataParallelGroup(group, reduction: .ordered))
    return try (0..<steps).map { _ in try trainer.advance() }
  }

  private static func scores(_ model: any Classifier) -> [Float] {
    let rows = TokenRows(random: 6, vocabulary: 40, labels: 3, seed: 8)
    let microbatch = rows.microbatch(rows: Array(0..<6), positions: 0..<6)
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: microbatch.rows)
    return model(microbatch, pass)[0].copied
  }

  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private static func export(_ parts: TrainingParts, to folder: String) throws {
    let model = try #require(parts.model as? TextClassifier)
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }
    try words.joined(separator: "\n").write(toFile: folder + "/vocab.txt", atomically: false, encoding: .utf8)
    let tokenizer = try Tokenizers.read(file: folder + "/vocab.txt")
    try TextExporter(
      family: model.family, description: HeadDescription(outputs: 3, names: ["bad", "fair", "good"]),
      tokenizer: tokenizer, maximumLength: 24
    ).write(weights: parts.state.weights, buffers: parts.state.buffers, to: folder + "/model")
  }

  @Test("A trained model that is exported and read again gives the same scores", arguments: families)
  func roundTrip(type: String) throws {
    let parts = try Self.parts(type)
    let before = Self.scores(parts.model)
    let reports = try Self.train(parts, steps: 5)
    #expect(reports.allSatisfy { $0.loss.isFinite && $0.gradientNorm > 0 })
    let trained = Self.scores(parts.model)
    #expect(trained != before)
    try Self.withFolder { folder in
      try Self.export(parts, to: folder)
      let directory = try PretrainedDirectory(path: folder + "/model")
      #expect(directory.labelNames == ["bad", "fair", "good"] && directory.headLabels == 3)
      let model = TextClassifier(directory.family, labels: 3)
      let report = try directory.load(into: ModelState(model, seed: 1))
      #expect(report.missing + report.unexpected == [])
      #expect(Self.scores(model) == trained)
    }
  }

  @Test("The weights of a step are the same bits at 1 and at 3 ranks", arguments: families)
  func ranks(type: String) throws {
    let alone = try Self.parts(type)
    _ = try Self.train(alone, steps: 2)
    let weights = try Ranks.run(3) { group in
      let parts = try Self.parts(type)
      _ = try Self.train(parts, steps: 2, group: group)
      return Array(parts.state.weights.values)
    }
    for own in weights { #expect(own == Array(alone.state.weights.values)) }
  }

  @Test("A model.freeze path of an encoder's part freezes it and nothing else", arguments: families)
  func freezing(type: String) throws {
    let parts = try Self.parts(type)
    let path = try #require(EncoderFamilies.family(of: type)).prefix + ".embeddings"
    #expect(parts.state.freeze([path]) == [])
    let before = Array(parts.state.weights.values)
    var own = parts
    own.frozenPaths = { _ in [path] }
    _ = try Self.train(own, steps: 1)
    for slice in parts.state.layout.slices {
      let isSame = parts.state.weights[slice.name]!.elementsEqual(before[slice.range])
      #expect(isSame == slice.name.hasPrefix(path + "."), "\(slice.name)")
    }
  }
}
