import Glibc

/// The names that a browser may have reached this server by.
///
/// A name of a stranger's can be made to resolve to this machine (DNS rebinding); a page of that name could then read this one.
struct HostNames: Sendable {
  private let names: Set<String>

  init(of address: PageAddress) {
    var names: Set = ["localhost", "[::1]"]
    if !address.isLoopback {
      names.formUnion(Self.addresses)
      names.insert(address.isVersion6 ? "[\(address.host.lowercased())]" : address.host)
      let machine = PageAddress.machine.lowercased()
      names.insert(machine)
      names.insert(String(machine.prefix { $0 != "." }))
    }
    names.remove("")
    self.names = names
  }

  /// - Parameter host: a `Host` header: a name or an address, and a port or none.
  func contains(_ host: String) -> Bool {
    guard let name = Self.name(host) else { return false }
    return names.contains(name) || name.hasPrefix("127.") && PageAddress.isVersion4(name)
  }

  private static func name(_ host: String) -> String? {
    let host = host.lowercased()
    let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
    let port = host.dropFirst(name.count)
    guard port.isEmpty || port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return String(name.hasSuffix(".") ? name.dropLast() : name)
  }

  /// The addresses of this machine's interfaces, as they stand in a URL.
  private static var addresses: [String] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    return sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap { interface in
      guard let address = interface?.pointee.ifa_addr else { return nil }
      let isVersion6 = Int32(address.pointee.sa_family) == AF_INET6
      guard isVersion6 || Int32(address.pointee.sa_family) == AF_INET else { return nil }
      let length = isVersion6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
      var text = [CChar](repeating: 0, count: 256)
      guard getnameinfo(address, socklen_t(length), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
        return nil
      }
      let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      return isVersion6 ? "[\(name.prefix { $0 != "%" })]" : name
    }
  }
}
