import FlyingSocks
import Glibc

/// Where the page is served: an address of this machine and a port.
package struct PageAddress: Sendable, Equatable {
  package var host: String
  package var port: UInt16

  /// The addresses that only this machine reaches, so that no token is asked for.
  package static let loopback = "127.0.0.1"

  /// - Parameter host: an IP address, or `localhost`.
  package init(host: String = loopback, port: UInt16) throws {
    self.host = host == "localhost" ? Self.loopback : host
    self.port = port
    guard isVersion6 || (try? .inet(ip4: self.host, port: port) as sockaddr_in) != nil else {
      throw DashboardError(
        "\(host) is not an IP address", advice: "give one of this machine, 0.0.0.0 for all of them, or localhost")
    }
  }

  /// Reads `8080`, `0.0.0.0:8080` or `[::]:8080`.
  package init(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let host = parts.dropLast().joined(separator: ":")
    guard let port = parts.last.flatMap({ UInt16($0) }) else {
      throw DashboardError(
        "\(text) is not a port", advice: "give a port such as 8080, or an address such as 0.0.0.0:8080")
    }
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    try self.init(
      host: host.isEmpty ? Self.loopback : isBracketed ? String(host.dropFirst().dropLast()) : host, port: port)
  }

  package var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }

  var isVersion6: Bool { (try? .inet6(ip6: host, port: port) as sockaddr_in6) != nil }

  /// What to type into a browser.
  package func url(token: AccessToken?) -> String {
    let isAny = host == "0.0.0.0" || host == "::"
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let machine = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let host = isAny ? machine : isVersion6 ? "[\(self.host)]" : self.host
    return "http://\(host):\(port)/" + (token.map { "?token=\($0.text)" } ?? "")
  }
}
