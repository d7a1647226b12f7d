import Runs
import Testing

@Suite("A histogram")
struct HistogramTests {
  private static func histogram(_ values: [Float], factor: Float = 1) -> Histogram {
    var values = values
    return values.withUnsafeMutableBufferPointer { Histogram($0, factor: factor) }
  }

  @Test("counts every value in the part that holds it, as a search through all parts does")
  func counts() {
    let magnitudes: [Float] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, 0.5, 1, 1.1, 1.125, 1.2, 7, 3e38, .greatestFiniteMagnitude,
    ]
    let values = magnitudes + magnitudes.map { -$0 } + [1, 1, -0.5]
    let histogram = Self.histogram(values)
    #expect(histogram.count == values.count)
    #expect(histogram.parts.reduce(0) { $0 + $1.count } == values.count)
    for part in histogram.parts {
      let held = values.count { Self.part(part, holds: Double($0)) }
      #expect(held == part.count, "\(part)")
    }
    let edges = histogram.parts.flatMap { [$0.lower, $0.upper] }
    #expect(edges == edges.sorted())
  }

  private static func part(_ part: Histogram.Part, holds value: Double) -> Bool {
    // -0 lies with the negative numbers.
    guard value.sign == .plus else { return part.lower < 0 && value > part.lower && value <= part.upper }
    return part.lower >= 0 && value >= part.lower && value < part.upper
  }

  @Test("knows the extremes and the moments of the values times a factor")
  func moments() {
    let histogram = Self.histogram([1, 2, -4], factor: 0.5)
    #expect((histogram.minimum, histogram.maximum) == (-2, 1))
    #expect((histogram.sum, histogram.sumOfSquares) == (-0.5, 5.25))
  }

  @Test("leaves out what is not finite")
  func infinities() {
    let histogram = Self.histogram([.nan, .infinity, 1, -.infinity])
    #expect(histogram.count == 1 && histogram.sum == 1 && histogram.parts.map(\.count) == [1])
  }
}
