import Schedules
import Synchronization
import Transport

/// The fault that is planned for a rank, as hooks for the connection with the next rank and for the operations of its group.
package final class GroupFaults: Sendable {
  /// What happens to the next sum. Raw values are for an atomic.
  private enum Change: UInt8 {
    case none, rename, nan
  }

  private let rank: Int
  private let nextSum = Atomic<UInt8>(Change.none.rawValue)
  private let transport = Mutex<FaultyTransport?>(nil)

  /// Nil unless a fault is planned for this rank.
  package init?(rank: Int) {
    guard FaultInjection.planned?.rank == rank else { return nil }
    self.rank = rank
    FaultInjection.install { [self] action in perform(action) }
  }

  /// The connection with the next rank, through which the fault reaches it.
  package func wrap(_ connection: any ByteTransport) -> any ByteTransport {
    let faulty = FaultyTransport(connection)
    transport.withLock { $0 = faulty }
    return faulty
  }

  /// Changes a sum that is about to be submitted, where that is planned.
  package func change(_ operation: inout CollectiveOperation) {
    let planned = Change(rawValue: nextSum.exchange(Change.none.rawValue, ordering: .relaxed))
    if planned == .rename { operation.name = "another" }
    if planned == .nan, operation.count > 0 {
      operation.buffers[0].assumingMemoryBound(to: Float.self).pointee = .nan
    }
  }

  /// Strikes where it is planned for this part of an operation.
  package func progress(_ operation: UInt64, _ fraction: Double) {
    FaultInjection.reach(fraction < 0.5 ? "reduce-scatter" : "all-gather", rank: rank, number: operation)
  }

  private func perform(_ action: FaultInjection.Action) {
    let transport = transport.withLock { $0 }
    switch action {
    case .cut: transport?.shutDown()
    case .swallow: transport?.start(.swallow)
    case .corrupt: transport?.start(.corrupt)
    case .rename: nextSum.store(Change.rename.rawValue, ordering: .relaxed)
    case .nan: nextSum.store(Change.nan.rawValue, ordering: .relaxed)
    default: preconditionFailure("\(action) is not a fault of links or sums")
    }
  }
}
