import DataParallel
import Schedules

/// How long a step takes on a cluster.
public struct StepForecast: Sendable {
  /// How ranks come to one result.
  public enum Method: Sendable, Hashable {
    case sums(ReductionKind)
    /// A sum of what the weights have become, over a ring, every so many steps.
    case every(Int)
  }

  public let ranks: Int
  public let computeSeconds: Double
  /// For which sums are waited for; what the backward pass hides is left out.
  public let reductionSeconds: Double
  /// Rows a second of all ranks.
  public let samplesPerSecond: Double
  /// Share of what as many ranks with cores of their own would do that never waited for each other.
  public let efficiency: Double

  public var seconds: Double { computeSeconds + reductionSeconds }

  /// - Parameter isWeak: the global batch grows with the ranks, each of which keeps the recipe's microbatches.
  public init(
    _ profile: StepProfile, _ costs: NetworkCosts, on layout: ClusterLayout, by method: Method, isWeak: Bool = false
  ) {
    ranks = layout.ranks
    let leaves = profile.microbatches * (isWeak ? layout.ranks : 1)
    let shares = SummationTree.shares(leaves: leaves, ranks: layout.ranks)
    let around = profile.updateSeconds + (layout.ranks > 1 ? profile.packingSeconds : 0)
    let beyond = max(0, layout.ranksOfHost * layout.threads - layout.coresPerHost)
    computeSeconds =
      Self.slowestHost(shares, of: leaves, profile, on: layout) + around * layout.computeCrowding
      + Double(beyond) * profile.crowdingSeconds
    let reduction = ReductionForecast(costs, on: layout)
    let gathers = Double(profile.gathers) * reduction.gather()
    switch method {
    case .sums(let kind):
      let subtrees = Self.subtrees(shares, leaves: leaves)
      let backward = Self.seconds(of: profile, on: layout) * StepProfile.backwardShare
      let dense = reduction.gradient(
        bytes: profile.gradientBytes - profile.tableBytes, by: kind, subtrees: subtrees,
        beside: profile.overlap ?? (layout.hosts > 1) ? backward : nil)
      let rows = reduction.sum(bytes: profile.tableBytes, by: kind, subtrees: subtrees)
      reductionSeconds =
        gathers + dense + (profile.tableBytes > 0 ? rows : 0) + reduction.gather(bytes: profile.gatheredBytes)
    case .every(let steps):
      reductionSeconds = gathers + reduction.sum(bytes: profile.weightBytes, by: .ring) / Double(steps)
    }
    let alone = Double(profile.microbatches) * profile.microbatchSeconds.alone + profile.updateSeconds
    samplesPerSecond = Double(leaves * profile.rowsOfMicrobatch) / (computeSeconds + reductionSeconds)
    efficiency =
      samplesPerSecond * alone / Double(profile.rowsOfMicrobatch * profile.microbatches * layout.ranks)
  }

  /// Seconds until the last host has computed its microbatches, the mean of the steps whose work is known.
  private static func slowestHost(
    _ shares: [Range<Int>], of leaves: Int, _ profile: StepProfile, on layout: ClusterLayout
  ) -> Double {
    let steps = max(1, profile.weights.count / leaves)
    let slowest = (0..<steps).map { step in
      let work = shares.map { share in
        share.reduce(0) { $0 + profile.weights[(step * leaves + $1) % profile.weights.count] }
      }
      return stride(from: 0, to: work.count, by: layout.ranksPerHost).map { first in
        let host = work[first..<min(first + layout.ranksPerHost, work.count)]
        let shared = host.reduce(0, +) * Double(layout.threads) / Double(layout.coresPerHost)
        return max(host.max() ?? 0, shared)
      }.max() ?? 0
    }
    return slowest.reduce(0, +) / Double(steps) * seconds(of: profile, on: layout)
  }

  /// Seconds of a microbatch.
  private static func seconds(of profile: StepProfile, on layout: ClusterLayout) -> Double {
    layout.ranksOfHost > 1 ? profile.microbatchSeconds.beside : profile.microbatchSeconds.alone
  }

  /// The most complete subtrees of the summation tree that any rank holds.
  private static func subtrees(_ shares: [Range<Int>], leaves: Int) -> Int {
    // A tree of so many leaves takes longer to build than its answer is worth.
    guard leaves <= 4096 else { return 1 }
    let tree = SummationTree(leaves: leaves)
    return shares.map { tree.subtrees(covering: $0).count }.max() ?? 1
  }
}
