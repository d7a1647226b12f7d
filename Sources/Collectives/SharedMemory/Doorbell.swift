import Glibc
import Transport

/// Wakes a rank of the same host that sleeps: a datagram over the loopback, whose content means nothing.
///
/// A lost or a stranger's datagram does no harm: who sleeps looks again by itself after a tenth of a second at most.
package final class Doorbell: Sendable {
  private let socket: Socket
  /// Where it hears.
  package let port: UInt16

  package init() throws(Socket.Failure) {
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = Glibc.socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw Socket.Failure(call: "socket", code: errno) }
    socket = Socket(owning: descriptor)
    port = try TCP.bindToLoopback(socket)
  }

  package var descriptor: Int32 { socket.descriptor }

  /// Wakes the rank whose doorbell has this port.
  package func ring(_ port: UInt16) { TCP.sendDatagram(from: socket, toLoopback: port) }

  /// Takes what rang.
  package func clear() {
    var room: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &room) { room in
      while case .moved = socket.receive(room) {}
    }
  }
}
