import Support

/// The logistic function and the binary cross entropy under it, in Float64 and without overflow.
enum Sigmoid {
  /// 1 / (1 + exp(-score))
  static func value(_ score: Double) -> Double {
    score >= 0
      ? 1 / (1 + PortableFunctions.exp(-score)) : PortableFunctions.exp(score) / (1 + PortableFunctions.exp(score))
  }

  /// -ln σ(score)
  static func minusLogarithm(_ score: Double) -> Double {
    max(-score, 0) + PortableFunctions.log1p(PortableFunctions.exp(-abs(score)))
  }

  /// -(w y ln σ(z) + (1 - y) ln(1 - σ(z))), and its derivative by z.
  static func crossEntropy(_ score: Double, target: Double, weight: Double = 1) -> (Double, Double) {
    let probability = value(score)
    return (
      weight * target * minusLogarithm(score) + (1 - target) * minusLogarithm(-score),
      (1 - target) * probability - weight * target * (1 - probability)
    )
  }
}
