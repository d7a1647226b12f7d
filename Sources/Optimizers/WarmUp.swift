import Tensors

/// A straight rise of the learning rate over the first steps.
///
/// The moments of Adam are built from few gradients at first; small steps there keep a pretrained model where it is
/// (Goyal et al., arXiv:1706.02677, for large batches).
public struct WarmUp: Sendable, Equatable, Codable {
  /// How many steps use less than the full rate, or with `reachesFullRate` less than or as much as.
  public let steps: Int

  /// Whether step t uses (t + 1) / steps of the rate, so that no step is lost; otherwise t / steps, as `transformers`
  /// does, where the first step has rate 0 and changes nothing.
  public let skipsZero: Bool

  public static let none = WarmUp(steps: 0)

  public init(steps: Int, skipsZero: Bool = false) {
    require(steps >= 0, "a warm-up of \(steps) steps is not possible")
    self.steps = steps
    self.skipsZero = skipsZero
  }

  /// A share of all steps, rounded up as `transformers` does.
  public init(ratio: Double, of total: Int, skipsZero: Bool = false) {
    require((0...1).contains(ratio), "a warm-up of \(ratio) of all steps is not possible")
    self.init(steps: Int((ratio * Double(total)).rounded(.up)), skipsZero: skipsZero)
  }

  /// The share of the base rate that a step of the warm-up uses; nil after it.
  func factor(at step: Int) -> Double? {
    step < steps ? Double(skipsZero ? step + 1 : step) / Double(steps) : nil
  }

  /// How much of the time after the warm-up is over, 0 to 1.
  func progress(at step: Int, total: Int) -> Double {
    min(1, Double(step - steps) / Double(max(1, total - steps)))
  }
}
