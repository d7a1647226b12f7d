import Glibc

extension Collection<Double> {
  /// The sum over the count; NaN of nothing.
  var mean: Double { reduce(0, +) / Double(count) }
}

/// Minus the logarithm of a probability that is kept 2⁻⁵² away from 0 and 1, as scikit-learn does in Float64.
func clippedLoss(_ probability: Double) -> Double {
  -log(min(max(probability, .ulpOfOne), 1 - .ulpOfOne))
}
