import Glibc

/// Why an address cannot be had, and what to do.
enum BindFailure {
  static func error(_ code: Int32, at address: PageAddress) -> DashboardError {
    let place = address.isVersion6 ? "[\(address.host)]:\(address.port)" : "\(address.host):\(address.port)"
    let problem = "\(place) cannot be had: "
    return switch code {
    case EADDRINUSE: DashboardError(problem + "another program listens there", advice: "give another port")
    case EACCES: DashboardError(problem + "it is kept for the superuser", advice: "give a port from 1024")
    case EADDRNOTAVAIL:
      DashboardError(problem + "this machine has no such address", advice: "give one of its own, or 0.0.0.0")
    default: DashboardError(problem + String(cString: strerror(code)), advice: "give another address")
    }
  }
}
