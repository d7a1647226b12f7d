import Glibc
import Transport

/// Listening sockets on some of this host's addresses, all on one port.
struct Listener {
  let sockets: [Socket]
  let port: UInt16

  private static let tries = 16

  /// Listens on the given port, or on a free one if it is 0.
  init(on addresses: [String], port wanted: UInt16 = 0) throws(Socket.Failure) {
    precondition(!addresses.isEmpty, "a listener needs an address")
    var attempt = 0
    while true {
      attempt += 1
      do throws(Socket.Failure) {
        var (sockets, port) = ([Socket](), wanted)
        for address in addresses {
          let (socket, found) = try TCP.listen(on: address, port: port, isLocal: address == ListeningPlan.loopback)
          sockets.append(socket)
          port = found
        }
        (self.sockets, self.port) = (sockets, port)
        return
      } catch {
        // A port that is free on the first address may be taken on the next.
        guard wanted == 0, error.code == EADDRINUSE, attempt < Self.tries else { throw error }
      }
    }
  }

  /// Takes the next connection, if there is one.
  func accept() -> Socket? {
    for socket in sockets {
      if let found = TCP.accept(from: socket) { return found }
    }
    return nil
  }
}
