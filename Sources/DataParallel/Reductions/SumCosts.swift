import Collectives
import Schedules

/// What a rank's messages and bytes cost in a sum, as the formulas of reductions read it.
///
/// Ranks that share cores each wait for the others' work, so the work of a message and of a byte grows by the crowding of a host.
package struct SumCosts {
  package let layout: ClusterLayout
  private let costs: NetworkCosts
  /// Up to how many bytes sent by each rank a vector is exchanged whole: what groups do by default.
  private static let exchangeLimit = Settings().exchangeLimit

  package init(_ costs: NetworkCosts, on layout: ClusterLayout) {
    self.costs = costs
    self.layout = layout
  }

  /// The other ranks.
  package var peers: Double { Double(layout.ranks - 1) }
  package var latency: Double { costs.latency }

  /// The work of a message.
  package var message: Double {
    (layout.linkCrowding > 1 ? costs.crowdedMessageWork : costs.messageWork) * layout.linkCrowding
  }

  /// A byte between hosts, or the work for it, of which a rank has a share.
  package func byte(work share: Double = 1) -> Double {
    max(costs.wireByte, costs.byteWork * share * layout.linkCrowding)
  }

  /// A byte of a vector that the ranks of a host add in shared memory.
  package var sharedByte: Double { costs.sharedByte * layout.linkCrowding }

  /// Whether a vector is sent whole to everyone.
  package func isExchanged(bytes: Int) -> Bool {
    Planner.isExchanged(bytes: bytes, size: layout.ranks, limit: Self.exchangeLimit)
  }

  /// Seconds in which every rank sends so many bytes to everyone.
  package func exchange(bytes: Double) -> Double {
    latency + peers * message + peers * bytes * byte()
  }
}
