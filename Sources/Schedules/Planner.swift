/// Chooses the algorithm of an operation and plans it: a function of the operation, the size and the settings alone.
package struct Planner: Sendable {
  package var rank: Int
  package var size: Int
  /// The longest segment, in bytes; a multiple of 4. Tests make it tiny to reach the paths of many segments.
  package var segmentBytes: Int
  /// Up to this many bytes sent by each rank, a sum is exchanged whole: one message's latency instead of 2 (p - 1).
  package var exchangeLimit: Int
  /// Two ranks exchange vectors so many times longer: in a ring they would send as much.
  private static let pairFactor = 32
  /// Which ranks share a host.
  package let hosts: HostMap

  /// - Parameter machines: what each rank's host is known by; one host for all if nil.
  package init(
    rank: Int, size: Int, segmentBytes: Int = 256 << 10, exchangeLimit: Int = 64 << 10, machines: [String]? = nil
  ) {
    precondition(segmentBytes > 0 && segmentBytes % 4 == 0, "segments of \(segmentBytes) bytes")
    self.rank = rank
    self.size = size
    self.segmentBytes = segmentBytes
    self.exchangeLimit = exchangeLimit
    hosts = HostMap(rank: rank, machines: machines ?? Array(repeating: "", count: size))
  }

  package func schedule(for operation: CollectiveOperation) -> Schedule {
    switch operation.kind {
    case .sum:
      sum(bytes: operation.count * 4)
    case .orderedSum: ordered(bytes: operation.count * 4, shares: operation.shares)
    case .gather: gather(lengths: operation.lengths)
    case .broadcast: broadcast(bytes: operation.count, root: operation.root)
    case .hostScatter: hostScatter(bytes: operation.count * 4)
    case .peerSum: peerSum(bytes: operation.count * 4)
    case .hostGather: hostGather(bytes: operation.count * 4)
    case .allToAll: allToAll(lengths: operation.lengths)
    case .barrier: gather(lengths: Array(repeating: 0, count: size))
    }
  }

  private func sum(bytes: Int) -> Schedule {
    if bytes * (size - 1) <= exchangeLimit { return exchange(bytes: bytes) }
    return Self.isExchanged(bytes: bytes, size: size, limit: exchangeLimit)
      ? pairExchange(bytes: bytes) : ring(over: Array(0..<size), 0..<bytes)
  }

  /// Whether ranks add a vector that each sends whole to all others.
  package static func isExchanged(bytes: Int, size: Int, limit: Int) -> Bool {
    bytes * (size - 1) <= limit || size == 2 && bytes <= pairFactor * limit
  }

  /// The rank `distance` places further round the ring.
  func neighbour(_ distance: Int) -> Int { ((rank + distance) % size + size) % size }
}
