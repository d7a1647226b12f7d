import Tensors
import Testing

@Suite struct BenchmarkTests {
  private static let small = EncoderShape(
    layers: 2, hidden: 24, heads: 3, intermediate: 40, vocabulary: 50, rows: 3, length: 7)

  @Test("a step's operations are counted as its products are")
  func operations() {
    // Four dense layers 24 → 24, one 24 → 40, one 40 → 24 over 21 tokens; Q Kᵀ and P V of 9 heads of 7 tokens by 8.
    let dense = 4 * (2 * 21 * 24 * 24) + 2 * (2 * 21 * 24 * 40)
    let attention = 9 * 2 * (2 * 7 * 7 * 8)
    #expect(Self.small.operations == Double(2 * 3 * (dense + attention)))
  }

  @Test("a step allocates nothing once it is warm", arguments: Precision.allCases)
  func steadyState(precision: Precision) {
    let step = EncoderStep(Self.small, precision: precision)
    for round in 0..<3 { step.run(step: round) }
    let bytes = step.intermediateBytes
    for round in 3..<8 { step.run(step: round) }
    #expect(step.intermediateBytes == bytes)
  }

  @Test("a measurement has a floor, a step and a share")
  func measurement() {
    let measurement = StepMeasurement.take(Self.small, threads: 2, precision: .fp32, rounds: 1)
    #expect(measurement.productSeconds > 0 && measurement.stepSeconds > 0 && measurement.largeProductRate > 0)
    #expect(measurement.ratio > 0 && measurement.utilisation(threads: 2) > 0)
  }
}
