/// Which rank of which job this is.
package struct RankInfo: Sendable, Equatable {
  package var rank: Int
  package var size: Int
  /// Generation of the job; restarts count it up.
  package var epoch: UInt32
  /// The host of each rank.
  package var hosts: [String]
  /// The identities of the hosts; their names may be the same.
  package var machines: [String]

  /// - Parameter machines: the names of the hosts if nil.
  package init(rank: Int, size: Int, epoch: UInt32 = 0, hosts: [String], machines: [String]? = nil) {
    precondition(rank >= 0 && rank < size && size <= Int(UInt16.max), "rank \(rank) of \(size)")
    precondition(hosts.count == size, "\(hosts.count) hosts for \(size) ranks")
    self.rank = rank
    self.size = size
    self.epoch = epoch
    self.hosts = hosts
    self.machines = machines ?? hosts
  }
}
