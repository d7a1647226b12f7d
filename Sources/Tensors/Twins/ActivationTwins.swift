#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Twin {
  package static var gelu: Twin {
    elementwise(
      { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) },
      derivative: {
        0.5 * (1 + erf($0 / 2.0.squareRoot())) + $0 * exp(-0.5 * $0 * $0) / (2 * Double.pi).squareRoot()
      })
  }

  package static var relu: Twin { elementwise({ max($0, 0) }, derivative: { $0 > 0 ? 1 : 0 }) }

  package static var tanh: Twin {
    @Sendable func value(_ x: Double) -> Double { 1 - 2 / (exp(2 * x) + 1) }
    return elementwise(value, derivative: { 1 - value($0) * value($0) })
  }
}
