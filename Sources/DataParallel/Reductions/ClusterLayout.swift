/// How ranks lie on hosts.
public struct ClusterLayout: Sendable, Equatable {
  public var ranks: Int
  public var ranksPerHost: Int
  public var coresPerHost: Int
  /// Threads that compute, of each rank.
  public var threads: Int

  public init(ranks: Int, ranksPerHost: Int, coresPerHost: Int, threads: Int = 1) {
    precondition(ranks > 0 && ranksPerHost > 0 && coresPerHost > 0 && threads > 0, "\(ranks) ranks on no host")
    self.ranks = ranks
    self.ranksPerHost = ranksPerHost
    self.coresPerHost = coresPerHost
    self.threads = threads
  }

  public var hosts: Int { (ranks + ranksPerHost - 1) / ranksPerHost }
  package var ranksOfHost: Int { min(ranks, ranksPerHost) }

  /// By how much computing slows where threads share cores.
  package var computeCrowding: Double { max(1, Double(ranksOfHost * threads) / Double(coresPerHost)) }

  /// Whether a rank's sums have their own core while it computes.
  package var hasIdleCores: Bool { ranksOfHost * (threads + 1) <= coresPerHost }

  /// By how much the one thread of a rank that serves its links slows.
  package var linkCrowding: Double { max(1, Double(ranksOfHost) / Double(coresPerHost)) }
}
