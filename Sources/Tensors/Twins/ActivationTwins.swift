#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Twin {
  package static var gelu: Twin { activation(.gelu) }
  package static var tanh: Twin { activation(.tanh) }

  package static func activation(_ activation: Activation) -> Twin {
    elementwise({ activation.value($0) }, derivative: { activation.slope($0) })
  }

  /// Input: a matrix [n, 2 m] of `columns` = 2 m.
  package static func gatedActivation(_ activation: Activation, columns: Int) -> Twin {
    let half = columns / 2
    @Sendable func pairs(_ x: Vector) -> [(first: Int, second: Int)] {
      (0..<x.count / 2).map { ($0 / half * columns + $0 % half, $0 / half * columns + half + $0 % half) }
    }
    return Twin(
      forward: { inputs in pairs(inputs[0]).map { activation.value(inputs[0][$0.first]) * inputs[0][$0.second] } },
      backward: { inputs, upstream in
        var gradient = Vector(repeating: 0, count: inputs[0].count)
        for (pair, slope) in zip(pairs(inputs[0]), upstream) {
          gradient[pair.first] = slope * inputs[0][pair.second] * activation.slope(inputs[0][pair.first])
          gradient[pair.second] = slope * activation.value(inputs[0][pair.first])
        }
        return [gradient]
      })
  }
}

extension Activation {
  fileprivate func value(_ x: Double) -> Double {
    switch self {
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh: x * Self.logistic(2 * Self.bend(x))
    case .relu: max(x, 0)
    case .silu: x * Self.logistic(x)
    case .tanh: Self.tanh(x)
    }
  }

  fileprivate func slope(_ x: Double) -> Double {
    switch self {
    case .gelu:
      return 0.5 * (1 + erf(x / 2.0.squareRoot())) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
    case .geluTanh:
      let tanh = Self.tanh(Self.bend(x))
      let bendSlope = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
      return 0.5 * (1 + tanh) + (abs(x) > 50 ? 0 : 0.5 * x * (1 - tanh * tanh) * bendSlope)
    case .relu: return x > 0 ? 1 : 0
    case .silu: return Self.logistic(x) + (abs(x) > 500 ? 0 : x * Self.logistic(x) * Self.logistic(-x))
    case .tanh: return 1 - Self.tanh(x) * Self.tanh(x)
    }
  }

  private static func bend(_ x: Double) -> Double { (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x) }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private static func tanh(_ x: Double) -> Double { 1 - 2 / (exp(2 * x) + 1) }
}
