import Glibc

/// Making and tuning of TCP sockets.
package enum TCP {
  /// Bytes of kernel buffer each way inside a machine, where a fixed size is steadier than the kernel's own tuning.
  private static let localBuffer: Int32 = 1 << 20

  private static func make() throws(Socket.Failure) -> Socket {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw Socket.Failure(call: "socket", code: errno) }
    return Socket(owning: descriptor)
  }

  private static func set(_ socket: Socket, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(socket.descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func address(_ host: String, _ port: UInt16) -> sockaddr_in? {
    var address = sockaddr_in()
    address.sin_family = UInt16(AF_INET)
    address.sin_port = port.bigEndian
    return inet_pton(AF_INET, host, &address.sin_addr) == 1 ? address : nil
  }

  private static func withRaw<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  /// Listens on a free port (or the given one) of a local address.
  package static func listen(on host: String, port: UInt16 = 0, isLocal: Bool) throws(Socket.Failure) -> (
    socket: Socket, port: UInt16
  ) {
    let socket = try make()
    guard var address = address(host, port) else { throw Socket.Failure(call: "inet_pton(\(host))", code: EINVAL) }
    if isLocal { tuneForLoopback(socket) }
    // What is left of connections of an earlier attempt does not keep a restart from its port.
    set(socket, SOL_SOCKET, SO_REUSEADDR, 1)
    guard withRaw(&address, { bind(socket.descriptor, $0, $1) }) == 0 else {
      throw Socket.Failure(call: "bind(\(host):\(port))", code: errno)
    }
    guard Glibc.listen(socket.descriptor, 128) == 0 else { throw Socket.Failure(call: "listen", code: errno) }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withRaw(&address) { raw, _ in getsockname(socket.descriptor, raw, &length) }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  /// Binds a socket to a free port that this machine alone can reach.
  package static func bindToLoopback(_ socket: Socket) throws(Socket.Failure) -> UInt16 {
    guard var address = address("127.0.0.1", 0) else { throw Socket.Failure(call: "inet_pton", code: EINVAL) }
    guard withRaw(&address, { bind(socket.descriptor, $0, $1) }) == 0 else {
      throw Socket.Failure(call: "bind(127.0.0.1)", code: errno)
    }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withRaw(&address) { raw, _ in getsockname(socket.descriptor, raw, &length) }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Sends one byte to a port of this machine; what cannot be sent is forgotten.
  package static func sendDatagram(from socket: Socket, toLoopback port: UInt16) {
    guard var address = address("127.0.0.1", port) else { return }
    var byte: UInt8 = 0
    _ = withRaw(&address) { sendto(socket.descriptor, &byte, 1, Int32(MSG_NOSIGNAL), $0, $1) }
  }

  /// Begins to connect; the socket becomes writable when it has succeeded or failed.
  package static func connect(to host: String, port: UInt16, isLocal: Bool) throws(Socket.Failure) -> Socket {
    let socket = try make()
    guard var address = address(host, port) else { throw Socket.Failure(call: "inet_pton(\(host))", code: EINVAL) }
    if isLocal { tuneForLoopback(socket) }
    tune(socket)
    let result = withRaw(&address) { Glibc.connect(socket.descriptor, $0, $1) }
    if result != 0, errno != EINPROGRESS { throw Socket.Failure(call: "connect(\(host):\(port))", code: errno) }
    return socket
  }

  /// Takes the next connection, if there is one.
  package static func accept(from listener: Socket) -> Socket? {
    let descriptor = System.accept(listener.descriptor)
    guard descriptor >= 0 else { return nil }
    let socket = Socket(owning: descriptor)
    tune(socket)
    return socket
  }

  /// Two sockets connected with each other over this machine's loopback.
  package static func pair() throws(Socket.Failure) -> (Socket, Socket) {
    let (listener, port) = try listen(on: "127.0.0.1", isLocal: true)
    let near = try connect(to: "127.0.0.1", port: port, isLocal: true)
    var descriptor = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&descriptor, 1, 1000)
    guard let far = accept(from: listener) else { throw Socket.Failure(call: "accept", code: errno) }
    return (near, far)
  }

  /// The error a connection attempt ended with; 0 for success.
  package static func pendingError(of socket: Socket) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code
  }

  private static func tune(_ socket: Socket) {
    let protocolLevel = Int32(IPPROTO_TCP)
    set(socket, protocolLevel, TCP_NODELAY, 1)
    // A backstop for dead hosts behind idle connections; heartbeats are much sooner.
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(socket, protocolLevel, TCP_KEEPIDLE, 5)
    set(socket, protocolLevel, TCP_KEEPINTVL, 2)
    set(socket, protocolLevel, TCP_KEEPCNT, 3)
  }

  /// Inside a machine: fixed buffers, and a congestion control that does not pace (bbr halves the rate on loopback).
  private static func tuneForLoopback(_ socket: Socket) {
    set(socket, SOL_SOCKET, SO_SNDBUF, localBuffer)
    set(socket, SOL_SOCKET, SO_RCVBUF, localBuffer)
    for control in ["cubic", "reno"] {
      if setsockopt(socket.descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, control, socklen_t(control.utf8.count)) == 0
      {
        return
      }
    }
  }
}
