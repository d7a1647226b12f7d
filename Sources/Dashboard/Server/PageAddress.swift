import Glibc

/// Where the page is served: an address of this machine and a port.
package struct PageAddress: Sendable, Equatable {
  package var host: String
  package var port: UInt16

  /// An address that only this machine reaches.
  package static let loopback = "127.0.0.1"

  /// - Parameter host: an IP address, or `localhost`.
  package init(host: String = loopback, port: UInt16) throws {
    self.host = host == "localhost" ? Self.loopback : host
    self.port = port
    guard isVersion6 || Self.isVersion4(self.host) else {
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

  var isVersion6: Bool {
    var parsed = in6_addr()
    return inet_pton(AF_INET6, host, &parsed) == 1
  }

  static func isVersion4(_ host: String) -> Bool {
    var parsed = in_addr()
    return inet_pton(AF_INET, host, &parsed) == 1
  }

  /// The address as the kernel takes it.
  func withSocketAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    func call<Address>(_ address: Address) -> Value {
      withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
      }
    }
    if isVersion6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      inet_pton(AF_INET6, host, &address.sin6_addr)
      return call(address)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return call(address)
  }

  /// This machine's name.
  static var machine: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// What to type into a browser.
  package func url(token: AccessToken?) -> String {
    let isAny = host == "0.0.0.0" || host == "::"
    let host = isAny ? Self.machine : isVersion6 ? "[\(self.host)]" : self.host
    return "http://\(host):\(port)/" + (token.map { "?token=\($0.text)" } ?? "")
  }
}
