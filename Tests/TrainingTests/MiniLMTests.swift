import Checkpoints
import Collectives
import Data
import DataParallel
import Foundation
import Layers
import Models
import Optimizers
import Tasks
import Tensors
import TestSupport
import Testing
import Text
import Training

/// The real weights of all-MiniLM-L6-v2 on real rows, as PyTorch ran them.
///
/// The model is not part of the repository: LOCKSTEP_MINILM names its folder, and `launch/fetch-minilm` brings it.
@Suite(.enabled(if: MiniLM.directory != nil, "LOCKSTEP_MINILM is not set; run launch/fetch-minilm"))
struct MiniLMTests {
  @Test("the tokenizer gives the ids that PyTorch was given")
  func tokens() throws {
    let golden = try Golden.tensors("minilm-sst2", "tensors")
    let ids = try golden.integers("input_ids")
    let width = try #require(golden["input_ids"]).shape[1]
    let rows = try MiniLM.dataset("dev.tsv", limit: 64)
    for row in 0..<rows.rowCount {
      let expected = ids[row * width..<row * width + rows.length(row)].map { Int32($0) }
      #expect(rows.tokens(row).elementsEqual(expected), "row \(row)")
    }
  }

  @Test("the logits of the first 64 validation rows are PyTorch's within 1e-4")
  func logits() throws {
    let golden = try Golden.tensors("minilm-sst2", "tensors")
    let parts = try MiniLM.parts()
    let logits = try MiniLM.logits(parts)
    let error = zip(logits, try golden.floats("logits_before")).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error < 1e-4)
  }

  @Test("twenty steps give PyTorch's losses within 2e-3")
  func losses() throws {
    let parts = try MiniLM.parts()
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 1, totalSteps: 20), replicas: DataParallelGroup(SoloGroup()))
    let expected = try #require(try Golden.facts("minilm-sst2")["losses"] as? [Double])
    for (step, loss) in expected.enumerated() {
      let report = try trainer.advance()
      #expect(abs(report.loss - loss) < 2e-3, "step \(step): \(report.loss) instead of \(loss)")
    }
    let after = try Golden.tensors("minilm-sst2", "tensors").floats("logits_after")
    let error = zip(try MiniLM.logits(parts), after).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error < 2e-2)
  }
}

private enum MiniLM {
  static var directory: String? { ProcessInfo.processInfo.environment["LOCKSTEP_MINILM"] }

  static func dataset(_ file: String, limit: Int) throws -> TokenDataset {
    let data = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "launch/data/sst2/\(file)")
    var settings = TokenDataset.Settings(
      tokenizer: try WordPieceTokenizer(directory: #require(directory)), maximumLength: 64)
    settings.cacheFolder = nil
    return try TokenDataset(
      file: data.path, columns: ColumnMapping(text: "sentence"), limit: limit, labels: .inferred(labels: 2),
      settings: settings)
  }

  /// The scenario: rows in file order, 16 a step, AdamW, clipping, a warm-up of 4 steps; no dropout.
  static func parts() throws -> TrainingParts {
    let directory = try PretrainedDirectory(path: #require(directory))
    var family = directory.family
    (family.configuration.hiddenDropout, family.configuration.attentionDropout) = (0, 0)
    let model = TextClassifier(family, labels: 2)
    let state = ModelState(model, seed: 1)
    let report = try directory.load(into: state)
    #expect(report.missing == ["classifier.weight", "classifier.bias"])
    #expect(report.unexpected == [])
    let golden = try Golden.tensors("minilm-sst2", "tensors")
    for name in report.missing { try golden.read(name, into: #require(state.weights[name])) }
    let rows = try dataset("train.tsv", limit: 320)
    let schedule = Schedule.linear(warmUp: WarmUp(steps: 4, skipsZero: true), total: 20)
    var parts = TrainingParts(
      model: model, state: state, dataset: rows, task: SingleLabel(classes: model.labels),
      plan: try BatchPlan(rowCount: 320, batchSize: 16, microbatchSize: 16, seed: 0, shuffle: false),
      optimizer: AdamW(layout: state.layout), learningRate: { schedule.learningRate(at: $0, base: 1e-4) })
    parts.weightDecay = 0.01
    parts.clip = Clipping(maximum: 1)
    return parts
  }

  static func logits(_ parts: TrainingParts) throws -> [Float] {
    let microbatch = try dataset("dev.tsv", limit: 64).microbatch(rows: Array(0..<64), positions: 0..<64)
    let pass = Pass(
      engine: Tensors.Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: microbatch.rows)
    return Array(parts.model(microbatch, pass)[0].values)
  }
}
