import DataParallel
import Schedules

/// How long a sum over ranks takes, by algorithm, from the costs of messages and bytes (Thakur, Rabenseifner and Gropp 2005).
///
/// With p ranks on h hosts, n bytes, latency a, work m a message and w a byte, and b seconds a byte on the wire:
///
///     exchange      a + (p - 1) m + (p - 1) n max(b, w)           short vectors, longer ones of two ranks: all to everyone
///     ring          2 (p - 1) (a + m) + 2 (p - 1) / p n max(b, w)
///     ordered       2 a + (p - 1) (s + 1) m + (p - 1) / p (s + 1) n max(b, w)         s subtrees a rank, 1 for powers of two
///     hierarchical  n c + 2 (h - 1) (a + m) + 2 (h - 1) / h n max(b, w / ranks of a host)      c: a byte in shared memory
///
/// A gradient is summed in k equal buckets, each in s seconds of which a processor works v. Beside a backward pass of t seconds, of the
/// last microbatch, that fills one after the other at the same pace, each is summed when it is full and the one before is done. What is
/// waited for when the pass ends is the longer of
///
///     k s - (1 - 1/k) t      sums that the pass keeps waiting for its first bucket alone
///     s + (k - 1) v          sums that wait for each bucket: the last one hides behind nothing; v is 0 where cores are idle
///
/// and k s without overlap.
///
/// Ranks that share cores each wait for the others' work, so m and w grow by the crowding of a host.
public struct ReductionForecast: Sendable {
  /// The reductions of which it knows.
  public static let kinds = ReductionKind.allCases.filter { kind in
    let layout = ClusterLayout(ranks: 2, ranksPerHost: 1, coresPerHost: 1)
    return kind.reduction.seconds(bytes: 4, subtrees: 1, SumCosts(.free, on: layout)) != nil
  }

  public let costs: NetworkCosts
  public let layout: ClusterLayout

  public init(_ costs: NetworkCosts, on layout: ClusterLayout) {
    self.costs = costs
    self.layout = layout
  }

  private var sums: SumCosts { SumCosts(costs, on: layout) }

  /// Seconds of a sum of so many bytes.
  /// - Parameter subtrees: complete subtrees of the summation tree that a rank holds.
  public func sum(bytes: Int, by kind: ReductionKind, subtrees: Int = 1) -> Double {
    guard layout.ranks > 1 else { return 0 }
    guard let seconds = kind.reduction.seconds(bytes: bytes, subtrees: subtrees, sums) else {
      preconditionFailure("no formula is known for \(kind.rawValue)")
    }
    return seconds
  }

  /// Seconds for which a sum of gradients is waited for.
  /// - Parameters:
  ///   - bytes: of what is summed in buckets.
  ///   - backward: seconds of the backward pass beside which they are summed; nil where they are summed after it.
  public func gradient(bytes: Int, by kind: ReductionKind, subtrees: Int = 1, beside backward: Double?) -> Double {
    let longest = 4 * Buckets.longest(ranks: layout.ranks)
    let buckets = max(1, (bytes + longest - 1) / longest)
    let one = sum(bytes: bytes / buckets, by: kind, subtrees: subtrees)
    guard let backward else { return Double(buckets) * one }
    let work = ReductionForecast(costs.work, on: layout).sum(bytes: bytes / buckets, by: kind, subtrees: subtrees)
    let inTheWay = layout.hasIdleCores ? 0 : Double(buckets - 1) * work
    return max(one + inTheWay, Double(buckets) * one - (1 - 1 / Double(buckets)) * backward)
  }

  /// Seconds in which all ranks send each other a few bytes.
  public func gather() -> Double { layout.ranks > 1 ? sums.exchange(bytes: 64) : 0 }

  /// Seconds in which all ranks bring their equal parts of so many bytes to each other, over links.
  public func gather(bytes: Int) -> Double {
    layout.ranks > 1 && bytes > 0 ? sums.exchange(bytes: Double(bytes) / Double(layout.ranks)) : 0
  }
}
