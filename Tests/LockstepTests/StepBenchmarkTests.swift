import Collectives
import Foundation
import Lockstep
import Models
import Tensors
import TestSupport
import Testing

@Suite struct StepBenchmarkTests {
  private static let shape = EncoderShape(
    layers: 2, hidden: 24, heads: 3, intermediate: 40, vocabulary: 50, rows: 3, length: 7)

  @Test("a step allocates nothing once it is warm", arguments: Precision.allCases, [false, true])
  func steadyState(precision: Precision, recomputes: Bool) throws {
    var task = SyntheticTask(Self.shape, group: SoloGroup(), threads: 1, precision: precision)
    task.recomputesLayers = recomputes
    let trainer = try task.trainer()
    // Blocks serve requests of several sizes, so it takes a few steps until every size has found its own.
    for _ in 0..<6 { _ = try trainer.advance() }
    let bytes = trainer.engine.pool.allocatedBytes
    for _ in 0..<5 { _ = try trainer.advance() }
    #expect(trainer.engine.pool.allocatedBytes == bytes)
  }

  @Test("between the passes a layer keeps two norms, query, key, value, context and what GELU is taken of")
  func memoryOfLayer() throws {
    func bytes(layers: Int) throws -> Int {
      let shape = EncoderShape(
        layers: layers, hidden: 64, heads: 4, intermediate: 256, vocabulary: 50, rows: 16, length: 32)
      let trainer = try SyntheticTask(shape, group: SoloGroup(), threads: 1, precision: .fp32).trainer()
      for _ in 0..<2 { _ = try trainer.advance() }
      return trainer.engine.pool.allocatedBytes
    }
    let layer = (try bytes(layers: 7) - bytes(layers: 3)) / 4
    let vectors = 16 * 32 * (6 * 64 + 256) * MemoryLayout<Float>.stride
    #expect(layer >= vectors && Double(layer) < 1.1 * Double(vectors), "\(layer) bytes for \(vectors)")
  }

  @Test("of a recomputed layer its input alone is kept between the passes", arguments: [Precision.fp32, .bf16])
  func memoryOfRecomputedLayer(precision: Precision) throws {
    func bytes(layers: Int, recomputes: Bool) throws -> Int {
      let shape = EncoderShape(
        layers: layers, hidden: 64, heads: 4, intermediate: 256, vocabulary: 50, rows: 16, length: 32)
      var task = SyntheticTask(shape, group: SoloGroup(), threads: 1, precision: precision)
      task.recomputesLayers = recomputes
      let trainer = try task.trainer()
      for _ in 0..<2 { _ = try trainer.advance() }
      return trainer.engine.pool.allocatedBytes
    }
    let (kept, recomputed) = (try bytes(layers: 6, recomputes: false), try bytes(layers: 6, recomputes: true))
    #expect(Double(recomputed) < 0.45 * Double(kept), "\(recomputed) of \(kept) bytes")
    let layer = (try bytes(layers: 10, recomputes: true) - recomputed) / 4
    let input = 16 * 32 * 64 * MemoryLayout<Float>.stride
    #expect(layer >= input && Double(layer) < 1.1 * Double(input), "\(layer) bytes for \(input)")
  }

  @Test("a step has a floor, a share and a speed")
  func figures() throws {
    let task = SyntheticTask(Self.shape, group: SoloGroup(), threads: 2, precision: .fp32)
    let figures = try StepBenchmark(task).run(repetitions: 1)
    #expect(figures.step > 0 && figures.products > 0 && figures.share > 0 && figures.utilisation > 0)
    #expect(figures.samplesPerSecond > 0 && figures.peakBytes > 0 && figures.alone == nil)
  }

  @Test(
    "an encoder of any family is measured from its config.json", arguments: EncoderFamilies.all.map { $0.modelTypes[0] }
  )
  func encoders(type: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let json = TinyEncoder.json(of: try #require(EncoderFamilies.family(of: type)))
    try JSONSerialization.data(withJSONObject: json).write(to: URL(filePath: folder + "/config.json"))
    func task(rows: Int, length: Int) throws -> SyntheticTask {
      try SyntheticTask(
        encoderIn: folder, rows: rows, length: length, group: SoloGroup(), threads: 1, precision: .fp32)
    }
    let figures = try StepBenchmark(task(rows: 3, length: 9)).run(repetitions: 1)
    #expect(figures.step > 0 && figures.samplesPerSecond > 0)
    for (rows, length) in [(0, 9), (3, 2), (3, 33), (1 << 20, 9)] {
      #expect(throws: ModelError.self) { try task(rows: rows, length: length) }
    }
  }

  @Test("the configurations next to the peers are of the sizes that they are called by")
  func configurations() throws {
    let peers = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "launch/peers").path
    // The weights of the encoders alone, as published: 124.1 and 141.3 million.
    for (name, weights) in [("roberta-base", 124_055_040.0), ("deberta-v3-small", 141_304_320)] {
      #expect(try PretrainedFacts(path: "\(peers)/\(name)").family.encoder().weightCount == weights, "\(name)")
    }
  }
}
