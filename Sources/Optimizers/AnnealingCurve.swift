/// How an annealing goes from one rate to the other.
public enum AnnealingCurve: String, Sendable, Codable, CaseIterable {
  case linear, cosine

  /// How much of the way is done at a share of the time.
  func share(_ progress: Double) -> Double { self == .linear ? progress : 1 - cosineFall(progress) }
}

/// From 1 at 0 to 0 at 1 along half a cosine, periodic beyond.
func cosineFall(_ progress: Double) -> Double { (1 + cosine(.pi * progress)) / 2 }
