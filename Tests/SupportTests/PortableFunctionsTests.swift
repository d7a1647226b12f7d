import Foundation
import Support
import Testing

@Suite struct PortableFunctionsTests {
  private func check(
    _ range: ClosedRange<Double>, within ulps: Double = 2, _ own: (Double) -> Double, _ system: (Double) -> Double
  ) {
    for index in 0...20_000 {
      let x = range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / 20_000
      let expected = system(x)
      #expect(abs(own(x) - expected) <= ulps * expected.ulp, "at \(x)")
    }
  }

  @Test("differ from the C library's by two units in the last place at most")
  func accuracy() {
    check(-745...709, PortableFunctions.exp) { Foundation.exp($0) }
    check(1e-3...3, PortableFunctions.log) { Foundation.log($0) }
    check(-0.99...10, PortableFunctions.log1p) { Foundation.log1p($0) }
    check(-1000...1000, PortableFunctions.sin) { Foundation.sin($0) }
    check(-1000...1000, PortableFunctions.cos) { Foundation.cos($0) }
    check(0...20_000, { PortableFunctions.pow(0.999, $0) }) { Foundation.pow(0.999, $0) }
    check(0.01...2, { PortableFunctions.pow($0, 0.3) }) { Foundation.pow($0, 0.3) }
  }

  @Test("are exact where results are whole")
  func wholeResults() {
    #expect(PortableFunctions.exp(0) == 1 && PortableFunctions.log(1) == 0 && PortableFunctions.cos(0) == 1)
    #expect(PortableFunctions.pow(2, 10) == 1024 && PortableFunctions.pow(-2, 3) == -8)
    #expect(PortableFunctions.pow(0, 2) == 0 && PortableFunctions.pow(7, 0) == 1 && PortableFunctions.exp(-800) == 0)
    #expect(
      PortableFunctions.log(0) == -.infinity && PortableFunctions.log(-1).isNaN
        && PortableFunctions.exp(800) == .infinity)
  }
}
