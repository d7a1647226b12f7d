import Glibc

/// A socket that listens at an address.
struct Listener {
  let descriptor: Int32
  /// Its address; the port is the real one where 0 was asked for.
  let address: PageAddress

  /// - Throws: `DashboardError` where the address cannot be had.
  init(_ address: PageAddress) throws {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.isVersion6 ? AF_INET6 : AF_INET, type, 0)
    guard descriptor >= 0 else { throw BindFailure.error(errno, at: address) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let isBound = address.withSocketAddress { bind(descriptor, $0, $1) == 0 && listen(descriptor, 128) == 0 }
    guard isBound else {
      let code = errno
      close(descriptor)
      throw BindFailure.error(code, at: address)
    }
    var found = address
    found.port = Self.port(descriptor) ?? address.port
    (self.descriptor, self.address) = (descriptor, found)
  }

  private static func port(_ descriptor: Int32) -> UInt16? {
    var storage = sockaddr_in6()  // the port stands at the same place in both versions
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let isKnown = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
    }
    return isKnown ? UInt16(bigEndian: storage.sin6_port) : nil
  }
}
