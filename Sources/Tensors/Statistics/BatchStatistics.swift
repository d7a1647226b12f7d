/// What the batch norms of a pass do with the statistics of the batch, and what they saw.
///
/// Several forwards of one microbatch may share it: their moments follow one another.
public final class BatchStatistics {
  /// The moments that one batch norm normalised with.
  public struct Observation: Sendable, Equatable {
    /// The number of the batch norm in its model.
    public let site: Int
    public let moments: ChannelMoments

    public init(site: Int, moments: ChannelMoments) {
      self.site = site
      self.moments = moments
    }
  }

  /// Batch norms that use their running statistics although the others use those of the batch.
  public let settled: Set<Int>

  /// How the batch becomes more than this microbatch; nil where it does not.
  public let exchange: BatchNormExchange?

  /// In the order in which the forwards reached the batch norms.
  public private(set) var observations: [Observation] = []

  public init(settled: Set<Int> = [], exchange: BatchNormExchange? = nil) {
    self.settled = settled
    self.exchange = exchange
  }

  package func observe(_ moments: ChannelMoments, site: Int) {
    observations.append(Observation(site: site, moments: moments))
  }
}
