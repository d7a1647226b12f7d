import Collectives
import Lockstep
import Tensors
import Testing

@Suite struct StepBenchmarkTests {
  private static let shape = EncoderShape(
    layers: 2, hidden: 24, heads: 3, intermediate: 40, vocabulary: 50, rows: 3, length: 7)

  @Test("a step allocates nothing once it is warm", arguments: Precision.allCases)
  func steadyState(precision: Precision) throws {
    let task = SyntheticTask(Self.shape, group: SoloGroup(), threads: 1, precision: precision)
    let trainer = try task.trainer()
    for _ in 0..<3 { _ = try trainer.advance() }
    let bytes = trainer.engine.pool.allocatedBytes
    for _ in 0..<5 { _ = try trainer.advance() }
    #expect(trainer.engine.pool.allocatedBytes == bytes)
  }

  @Test("a step has a floor, a share and a speed")
  func figures() throws {
    let task = SyntheticTask(Self.shape, group: SoloGroup(), threads: 2, precision: .fp32)
    let figures = try StepBenchmark(task).run(repetitions: 1)
    #expect(figures.step > 0 && figures.products > 0 && figures.share > 0 && figures.utilisation > 0)
    #expect(figures.samplesPerSecond > 0 && figures.peakBytes > 0 && figures.alone == nil)
  }
}
