import Diagnostics
import Schedules
import Synchronization
import Transport

/// What is to happen to the next sum of a group.
final class SumTampering: Sendable {
  /// What happens to the next sum.
  private enum Sum: UInt8 {
    case none, rename, nan
  }

  private let next = Atomic<UInt8>(Sum.none.rawValue)

  /// Makes the planned fault reach the link with the next rank, and sums.
  func install(on link: any Wire) {
    FaultInjection.install { [self] action in
      switch action {
      case .cut: link.shutDown()
      case .swallow: link.tamper(.swallow)
      case .corrupt: link.tamper(.corrupt)
      case .rename: next.store(Sum.rename.rawValue, ordering: .relaxed)
      case .nan: next.store(Sum.nan.rawValue, ordering: .relaxed)
      default: preconditionFailure("\(action) is no fault of links or sums")
      }
    }
  }

  /// Changes an operation if that is planned.
  func apply(to operation: inout CollectiveOperation) {
    let planned = Sum(rawValue: next.exchange(0, ordering: .relaxed))
    if planned == .rename { operation.name = "another" }
    if planned == .nan, operation.count > 0 {
      operation.buffers[0].assumingMemoryBound(to: Float.self).pointee = .nan
    }
  }
}
