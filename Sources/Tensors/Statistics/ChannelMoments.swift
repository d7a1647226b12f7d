/// How many values a channel has, their mean and the sum of their squared deviations from it, channel by channel.
///
/// Moments of parts merge exactly into those of the whole, so batch statistics do not depend on how a batch is cut.
public struct ChannelMoments: Sendable, Equatable {
  /// Values of each channel.
  public var count: Double
  public var means: [Double]
  /// Σ (x - mean)² of each channel.
  public var squares: [Double]

  public init(count: Double, means: [Double], squares: [Double]) {
    self.count = count
    self.means = means
    self.squares = squares
  }

  /// The biased variances, which normalise.
  public var variances: [Double] { squares.map { count > 0 ? $0 / count : 0 } }

  /// The unbiased variances, which PyTorch keeps as running statistics; equal to the biased ones for a single value.
  public var unbiasedVariances: [Double] { squares.map { $0 / max(1, count - 1) } }

  /// Adds the values that `other` describes (Chan, Golub, LeVeque 1979).
  public mutating func merge(_ other: ChannelMoments) {
    require(means.count == other.means.count, "\(means.count) and \(other.means.count) channels cannot be merged")
    let total = count + other.count
    guard total > 0 else { return }
    for channel in means.indices {
      let distance = other.means[channel] - means[channel]
      means[channel] += distance * other.count / total
      squares[channel] += other.squares[channel] + distance * distance * count * other.count / total
    }
    count = total
  }
}

/// How batch norm learns of the other microbatches that are normalised together with this one: on other ranks, or in the
/// same turn. Both closures are called once a layer, in the order of the layers, on every rank alike.
public struct BatchNormExchange {
  /// Turns the moments of this microbatch into those of all together.
  public let merge: (inout ChannelMoments) -> Void
  /// Turns sums of this microbatch into the sums over all together, in the backward pass.
  public let addUp: (inout [Double]) -> Void

  public init(merge: @escaping (inout ChannelMoments) -> Void, addUp: @escaping (inout [Double]) -> Void) {
    self.merge = merge
    self.addUp = addUp
  }
}
