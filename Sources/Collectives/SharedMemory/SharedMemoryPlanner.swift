import Schedules

/// Chooses what an operation does in the memory that the ranks of a host share.
final class SharedMemoryPlanner {
  let memory: HostMemory
  private let size: Int
  private let owners: Int
  private let exchangeLimit: Int
  /// The last sum that was staged whole: the next is often like it.
  private var lastWhole: SharedSum?

  /// - Parameters:
  ///   - size: how many ranks the group has.
  ///   - owners: how many ranks of a host take a part to the others.
  init(_ memory: HostMemory, size: Int, owners: Int, exchangeLimit: Int) {
    self.memory = memory
    self.size = size
    self.owners = owners
    self.exchangeLimit = exchangeLimit
  }

  /// What the operation does in this memory; nil where it goes over links. Notes whether it works where its vectors lie.
  func work(for operation: inout CollectiveOperation) -> (any SegmentWork)? {
    switch operation.kind {
    case .sum, .orderedSum: return sum(for: &operation)
    case .hostScatter: return HostScatter(operation, memory: memory, owners: owners)
    case .hostGather: return HostGather(operation, memory: memory, owners: owners)
    case .gather:
      // What fits in a message is sooner there over links.
      return spansGroup && operation.count > exchangeLimit ? SharedGather(operation, memory: memory) : nil
    case .broadcast, .barrier, .allToAll, .peerSum: return nil
    }
  }

  private var spansGroup: Bool { memory.ranks.count == size }

  private func sum(for operation: inout CollectiveOperation) -> (any SegmentWork)? {
    guard spansGroup else { return nil }
    if let lastWhole, lastWhole.takes(operation) { return lastWhole }
    let order = SummationOrder(operation, size: size, exchangeLimit: exchangeLimit)
    if order.hasOnePartEach, !order.isExchange,
      let place = memory.own.place(of: operation.buffers[0], operation.count * 4)
    {
      operation.isInPlace = true
      return DirectSum(operation, at: place, memory: memory, order: order)
    }
    let sum = SharedSum(operation, memory: memory, order: order)
    if sum.isWhole { lastWhole = sum }
    return sum
  }
}
