/// What it costs to move and add bytes, in seconds: what a machine was measured to need, and what a network is said to offer.
public struct NetworkCosts: Sendable, Equatable {
  /// A message's way between two hosts, without what processors do for it.
  public var latency: Double
  /// A processor's work for one message that a rank sends and one that it receives.
  public var messageWork: Double
  /// The same where a host has more ranks than cores, so that none may wait awake.
  public var crowdedMessageWork: Double
  /// A processor's work for a byte that a rank sends, one that it receives and one that it adds.
  public var byteWork: Double
  /// A byte on a host's wire, each way; 0 inside a machine.
  public var wireByte: Double
  /// A byte of a vector that the ranks of one host add in memory that they share.
  public var sharedByte: Double

  public init(
    latency: Double, messageWork: Double, crowdedMessageWork: Double, byteWork: Double, wireByte: Double,
    sharedByte: Double
  ) {
    self.latency = latency
    self.messageWork = messageWork
    self.crowdedMessageWork = crowdedMessageWork
    self.byteWork = byteWork
    self.wireByte = wireByte
    self.sharedByte = sharedByte
  }

  /// What processors do of it, without the waiting.
  var work: NetworkCosts {
    var work = self
    (work.latency, work.wireByte) = (0, 0)
    return work
  }
}

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
  var ranksOfHost: Int { min(ranks, ranksPerHost) }

  /// By how much computing slows where threads share cores.
  var computeCrowding: Double { max(1, Double(ranksOfHost * threads) / Double(coresPerHost)) }

  /// Whether a rank's sums have a core of their own while it computes.
  var hasSpareCores: Bool { ranksOfHost * (threads + 1) <= coresPerHost }

  /// By how much the one thread of a rank that serves its links slows.
  var linkCrowding: Double { max(1, Double(ranksOfHost) / Double(coresPerHost)) }
}
