import Synchronization
import Transport

/// A transport that damages what it carries as soon as it is asked to, for tests of failure.
package final class FaultyTransport: ByteTransport {
  /// What it does to bytes instead of passing them on. Raw values are for an atomic.
  package enum Damage: UInt8 {
    case none, swallow, corrupt
  }

  /// Which byte of a transfer is damaged: one of the payload where there is one, behind the frame's header.
  private static let damagedByte = 70

  private let transport: any ByteTransport
  private let damage = Atomic<UInt8>(Damage.none.rawValue)

  /// - Parameter transport: what carries the bytes.
  package init(_ transport: any ByteTransport) { self.transport = transport }

  /// Damages what is sent from now on.
  package func start(_ damage: Damage) { self.damage.store(damage.rawValue, ordering: .relaxed) }

  package var descriptor: Int32 { transport.descriptor }

  package func shutDown() { transport.shutDown() }

  package func send(_ window: SendWindow) -> Transfer {
    switch Damage(rawValue: damage.load(ordering: .relaxed)) {
    case .swallow: return .moved(window.bytes.count)
    case .corrupt: return sendDamaged(window)
    case .some(.none), nil: return transport.send(window)
    }
  }

  private func sendDamaged(_ window: SendWindow) -> Transfer {
    var bytes = window.bytes
    let place = min(Self.damagedByte, bytes.count - 1)
    bytes[place] ^= 0x10
    let result = bytes.withUnsafeBytes { transport.send(SendWindow(header: $0)) }
    if case .moved(let count) = result, count > place { start(.none) }
    return result
  }

  package func receive(_ window: UnsafeMutableRawBufferPointer) -> Transfer {
    damage.load(ordering: .relaxed) == Damage.swallow.rawValue ? .wouldBlock : transport.receive(window)
  }
}
