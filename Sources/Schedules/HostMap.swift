/// Which ranks share a host, and which part of a vector each of them takes to the other hosts.
package struct HostMap: Sendable, Equatable {
  /// The ranks of each host; hosts in the order of their first ranks.
  package let members: [[Int]]
  /// This rank's host among them, and this rank among the host's.
  package let host: Int
  package let place: Int
  /// Ranks of each host that take a part: as many as the smallest host has, so that each has a peer on every host.
  package let owners: Int

  /// - Parameter machines: what each rank's host is known by.
  package init(rank: Int, machines: [String]) {
    var members: [[Int]] = []
    var known: [String: Int] = [:]
    for (rank, machine) in machines.enumerated() {
      if let host = known[machine] {
        members[host].append(rank)
      } else {
        known[machine] = members.count
        members.append([rank])
      }
    }
    self.members = members
    host = known[machines[rank]]!
    place = members[host].firstIndex(of: rank)!
    owners = members.map(\.count).min()!
  }

  /// The ranks of this host.
  package var neighbours: [Int] { members[host] }

  /// Whether any host has more than one rank.
  package var sharesHosts: Bool { members.contains { $0.count > 1 } }
}
