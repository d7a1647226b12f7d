import Glibc

/// Why an address cannot be had, and what to do.
enum BindFailure {
  static func error(_ code: Int32, at address: PageAddress) -> DashboardError {
    let place = address.isVersion6 ? "[\(address.host)]:\(address.port)" : "\(address.host):\(address.port)"
    let problem = "\(place) cannot be had: "
    return switch code {
    case EADDRINUSE:
      DashboardError(
        "port \(address.port) of \(address.host) is in use by another program",
        advice:
          "give another port, such as \(address.port < .max ? address.port + 1 : address.port - 1), or end that program"
      )
    case EACCES: DashboardError(problem + "it is kept for the superuser", advice: "give a port from 1024")
    case EADDRNOTAVAIL:
      DashboardError(
        problem + "this machine has no such address", advice: "give an address of this machine, or 0.0.0.0")
    default: DashboardError(problem + String(cString: strerror(code)), advice: "give another address")
    }
  }
}
