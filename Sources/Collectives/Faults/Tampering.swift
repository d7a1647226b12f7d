import Synchronization

/// Deliberate damage to a link or to an operation, for tests of failure; see `FaultInjection`.
package enum Tampering {
  /// What a socket does to bytes instead of passing them on. Raw values are for an atomic.
  package enum Bytes: UInt8 {
    case none, swallow, corrupt
  }

  /// Which byte of a transfer is damaged: one of the payload where there is one, behind the frame's header.
  static let damagedByte = 70

  /// What happens to the next sum.
  enum Sum: UInt8 {
    case none, rename, nan
  }

  /// Makes the planned fault reach the link with the next rank, and sums.
  static func install(on link: any Wire, sums: SumTampering) {
    FaultInjection.install { action in
      switch action {
      case .cut: link.shutDown()
      case .swallow: link.tamper(.swallow)
      case .corrupt: link.tamper(.corrupt)
      case .rename: sums.next.store(Sum.rename.rawValue, ordering: .relaxed)
      case .nan: sums.next.store(Sum.nan.rawValue, ordering: .relaxed)
      default: preconditionFailure("\(action) is no fault of links or sums")
      }
    }
  }
}

/// What is to happen to the next sum of a group.
final class SumTampering: Sendable {
  let next = Atomic<UInt8>(Tampering.Sum.none.rawValue)

  /// Changes an operation if that is planned.
  func apply(to operation: inout Operation) {
    let planned = Tampering.Sum(rawValue: next.exchange(0, ordering: .relaxed))
    if planned == .rename { operation.name = "another" }
    if planned == .nan, operation.count > 0 {
      operation.buffers[0].assumingMemoryBound(to: Float.self).pointee = .nan
    }
  }
}
