/// An operation through the memory that ranks of a host share, as a state machine that never waits.
protocol SharedOperation: AnyObject {
  var isComplete: Bool { get }

  /// The part that is done, from 0 to 1.
  var fraction: Double { get }

  /// A rank whose operation at this place is another one.
  var dissenter: Int? { get }

  /// Whether a rank is still to bring something that this one waits for.
  func expects(from peer: Int) -> Bool

  /// Does the next thing that can be done at once; returns whether there was one.
  func advance() -> Bool
}

extension HostMemory {
  /// The operation through this memory; nil where it goes over links.
  func operation(
    for operation: Operation, sequence: UInt64, size: Int, owners: Int, exchangeLimit: Int
  ) -> (any SharedOperation)? {
    let tag = SharedSegment.Tag(sequence: sequence, signature: operation.signature)
    switch operation.kind {
    case .sum, .orderedSum:
      return ranks.count == size
        ? SharedSum(operation, tag: tag, memory: self, exchangeLimit: exchangeLimit) : nil
    case .hostScatter: return HostScatter(operation, tag: tag, memory: self, owners: owners)
    case .hostGather: return HostGather(operation, memory: self, owners: owners)
    case .gather, .broadcast, .barrier, .allToAll, .peerSum: return nil
    }
  }
}
