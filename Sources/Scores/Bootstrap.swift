/// Intervals of measures by drawing rows anew, as many as there are and with replacement.
///
/// Efron, Bootstrap Methods: Another Look at the Jackknife (1979); percentiles of the values of all resamples, between
/// two of them in proportion. Draw d of resample r is a pure function of the seed, r and d, so intervals do not depend on
/// ranks or threads: resample r has the SplitMix64 generator (Steele, Lea and Flood, 2014) that output r of SplitMix64
/// with the given seed is the seed of.
public struct Bootstrap: Sendable {
  /// The range that holds the middle share of a measure's values.
  public struct Interval: Sendable, Equatable {
    /// NaN, as is `high`, where the measure is undefined on every resample.
    public let low: Double
    public let high: Double
    /// The resamples on which the measure is undefined; they are left out.
    public let undefined: Int
  }

  public let resamples: Int
  public let seed: UInt64
  /// The share of the values that lies within an interval.
  public let level: Double

  public init(resamples: Int, seed: UInt64 = 0, level: Double = 0.95) {
    precondition(resamples >= 1, "intervals need at least one resample, not \(resamples)")
    precondition(level > 0 && level < 1, "an interval holds a share between 0 and 1 of the values, not \(level)")
    (self.resamples, self.seed, self.level) = (resamples, seed, level)
  }

  /// Returns the interval of each measure.
  public func intervals(of measures: [Measure], on rows: ScoredRows) -> [Interval] {
    var values = [[Double]](repeating: [], count: measures.count)
    for resample in 0..<resamples {
      let drawn = rows[rows: draws(resample: resample, of: rows.drawable)]
      for (index, measure) in measures.enumerated() { values[index].append(measure.value(drawn)) }
    }
    return values.map(interval)
  }

  /// The rows of one resample.
  package func draws(resample: Int, of rows: Int) -> [Int] {
    let own = Self.output(UInt64(resample), seed: seed)
    return (0..<rows).map { Int(Self.output(UInt64($0), seed: own).multipliedFullWidth(by: UInt64(rows)).high) }
  }

  /// Output number `counter`, from 0, of SplitMix64.
  package static func output(_ counter: UInt64, seed: UInt64) -> UInt64 {
    var bits = seed &+ (counter &+ 1) &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  private func interval(_ values: [Double]) -> Interval {
    let sorted = values.filter { !$0.isNaN }.sorted()
    let outside = (1 - level) / 2
    return Interval(
      low: Self.quantile(outside, of: sorted), high: Self.quantile(1 - outside, of: sorted),
      undefined: values.count - sorted.count)
  }

  /// The value below which this share of the values lies, in proportion between two of them, as numpy's default.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - Double(index))
  }
}
