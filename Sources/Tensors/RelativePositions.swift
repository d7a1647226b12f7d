import Support

/// Which row of a table of relative positions a query and a key take, by how far apart they are (DeBERTa: He et al. 2020,
/// arXiv:2006.03654, section 3.1; its version 2 puts far distances into logarithmic buckets, as transformers'
/// `make_log_bucket_position` does).
public struct RelativePositions: Sendable, Equatable {
  /// Distances run from -maximum to maximum - 1; those beyond take the row at their end.
  public let maximum: Int
  /// Half the number of buckets; nil where each distance has a row.
  public let buckets: Int?

  /// Traps unless the buckets are narrower than the distances: `maximum` - 1 > `buckets` / 2 > 0.
  public init(maximum: Int, buckets: Int?) {
    require(maximum > 0, "relative positions reach \(maximum) tokens")
    if let buckets {
      require(
        buckets >= 2 && maximum - 1 > buckets / 2, "\(buckets) buckets cannot hold distances below \(maximum)")
    }
    self.maximum = maximum
    self.buckets = buckets
  }

  /// Half the rows of the table.
  public var span: Int { buckets ?? maximum }

  /// The table's row for a query's position minus a key's.
  public func row(_ distance: Int) -> Int { max(0, min(2 * span - 1, bucket(distance) + span)) }

  /// The distance itself up to half the buckets; beyond them, up to `maximum`, its logarithm.
  public func bucket(_ distance: Int) -> Int {
    guard let buckets else { return distance }
    let middle = buckets / 2
    guard abs(distance) > middle else { return distance }
    let share =
      PortableFunctions.log(Double(abs(distance)) / Double(middle))
      / PortableFunctions.log(Double(maximum - 1) / Double(middle))
    return (middle + Int((share * Double(middle - 1)).rounded(.up))) * distance.signum()
  }
}
