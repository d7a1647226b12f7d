import FlyingFox
import FlyingSocks
import Glibc

extension PageServer {
  /// Why an address cannot be had, and what to do.
  static func refusal(_ error: (any Error)?, of address: PageAddress) -> DashboardError {
    guard case .failed(_, let code, let message)? = error as? SocketError else {
      return DashboardError(
        "\(address.host):\(address.port) cannot be had (\(error.map { "\($0)" } ?? "it does not listen"))",
        advice: "give another port")
    }
    if code == EADDRINUSE {
      return DashboardError(
        "port \(address.port) of \(address.host) is in use by another program",
        advice:
          "give another port, such as \(address.port < .max ? address.port + 1 : address.port - 1), or end that program"
      )
    }
    if code == EACCES {
      return DashboardError("port \(address.port) is kept for the superuser", advice: "give a port from 1024")
    }
    return DashboardError("\(address.host):\(address.port) cannot be had (\(message))", advice: "give another address")
  }
}
