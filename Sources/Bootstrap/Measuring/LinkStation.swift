import Collectives
import Foundation
import Glibc
import Synchronization
import Transport

/// Listens where a rank would, for a `LinkMeter` on another host to measure the way here.
///
/// Like a rank it serves only those that prove to hold the secret; each of them in its own thread, for a minute at most.
package final class LinkStation: Sendable {
  /// What other hosts can reach it by.
  package let addresses: [String]
  package let port: UInt16
  private let isOpen = Atomic<Bool>(true)

  private static let longestService: Nanoseconds = 60_000_000_000

  /// - Parameter interface: where to listen, as `LOCKSTEP_INTERFACE` would say; nil for where ranks listen by default.
  /// - Throws: `GroupError` where this host has no such interface.
  package init(interface: String?, secret: [UInt8]) throws(GroupError) {
    let plan = try ListeningPlan(isOneHost: false, choice: InterfaceChoice(interface))
    let listener: Listener
    do throws(Socket.Failure) {
      listener = try Listener(on: plan.bound)
    } catch {
      throw .noSockets(error)
    }
    (addresses, port) = (plan.announced, listener.port)
    Thread { [self] in admit(from: listener, secret) }.start()
  }

  /// Lets nobody else in; those inside may finish.
  package func close() { isOpen.store(false, ordering: .relaxed) }

  private func admit(from listener: Listener, _ secret: [UInt8]) {
    var acceptor = Acceptor(listener: listener)
    while isOpen.load(ordering: .relaxed) {
      var interests = acceptor.interests
      _ = poll(&interests, nfds_t(interests.count), 100)
      let connections = acceptor.admit(System.now) {
        $0.kind == .rendezvous ? .terms(LinkTerms(secret: secret)) : .refused("it is not a measurement")
      }
      for connection in connections {
        let line = MeterLine(socket: connection.socket, deadline: System.now + Self.longestService)
        Thread { Self.serve(line) }.start()
      }
    }
  }

  /// Follows orders until the other end goes away, says what is not an order, or its time is up.
  private static func serve(_ line: MeterLine) {
    while let bytes = try? line.receive(MeterLine.Order.size), let order = MeterLine.Order(decoding: bytes) {
      do {
        switch order.kind {
        case .answer: try line.send([0])
        case .take:
          try line.take(order.bytes)
          try line.send([0])
        case .give: try line.give(order.bytes)
        }
      } catch {
        return
      }
    }
  }
}
