import Glibc

/// One of this host's addresses and the interface that has it.
package struct NetworkInterface: Equatable {
  package var name: String
  package var address: IPv4
  package var isLoopback: Bool

  package init(name: String, address: IPv4, isLoopback: Bool = false) {
    self.name = name
    self.address = address
    self.isLoopback = isLoopback
  }

  /// Whether it leads to containers or machines inside this host.
  var isVirtual: Bool { ["docker", "virbr", "br-", "cni", "flannel"].contains { name.hasPrefix($0) } }

  /// The interfaces that are up.
  package static var all: [NetworkInterface] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    return sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap { entry in
      guard let entry = entry?.pointee, let raw = entry.ifa_addr, raw.pointee.sa_family == UInt16(AF_INET) else {
        return nil
      }
      let flags = Int32(bitPattern: entry.ifa_flags)
      guard flags & Int32(IFF_UP) != 0 else { return nil }
      let address = raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        IPv4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
      }
      return NetworkInterface(
        name: String(cString: entry.ifa_name), address: address, isLoopback: flags & Int32(IFF_LOOPBACK) != 0)
    }
  }
}
