import Recipes
import Support

/// The asymmetric focal loss of one label (Ridnik et al., Asymmetric loss for multi-label classification, arXiv:2009.14119).
///
///     given:      -(1 - p)^γ₊ ln p
///     not given:  -q^γ₋ ln(1 - q)      with q = max(p - clip, 0)
struct AsymmetricLoss {
  let positiveGamma: Double
  let negativeGamma: Double
  let clip: Double

  init(_ section: Section) throws {
    positiveGamma = try section.number("gamma_positive", default: 0, in: 0...100)
    negativeGamma = try section.number("gamma_negative", default: 4, in: 0...100)
    clip = try section.number("clip", default: 0.05, in: 0...0.5)
    try section.finish()
  }

  /// What an exported model says of it.
  init?(_ json: [String: Any]) {
    guard let positive = json["gamma_positive"] as? Double, let negative = json["gamma_negative"] as? Double,
      let clip = json["clip"] as? Double, 0...100 ~= positive, 0...100 ~= negative, 0...0.5 ~= clip
    else { return nil }
    (positiveGamma, negativeGamma, self.clip) = (positive, negative, clip)
  }

  var json: [String: Any] { ["gamma_positive": positiveGamma, "gamma_negative": negativeGamma, "clip": clip] }

  /// The loss of a score, and its derivative.
  func value(_ score: Double, isGiven: Bool) -> (Double, Double) {
    let p = Sigmoid.value(score)
    let (logarithm, rest) = (Sigmoid.minusLogarithm(score), Sigmoid.value(-score))
    guard !isGiven else {
      // d/dz of (1 - p)^γ (-ln p): the power falls with p (1 - p), the logarithm with 1 - p.
      let power = PortableFunctions.pow(rest, positiveGamma)
      return (power * logarithm, -power * (positiveGamma * p * logarithm + rest))
    }
    let shifted = max(p - clip, 0)
    guard shifted > 0 else { return (0, 0) }
    let negative = clip == 0 ? Sigmoid.minusLogarithm(-score) : -PortableFunctions.log1p(-shifted)
    let slope =
      negativeGamma * PortableFunctions.pow(shifted, negativeGamma - 1) * negative + PortableFunctions.pow(
        shifted, negativeGamma) / (1 - shifted)
    return (PortableFunctions.pow(shifted, negativeGamma) * negative, slope * p * rest)
  }
}
