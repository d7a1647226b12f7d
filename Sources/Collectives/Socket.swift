import Glibc

/// A non-blocking stream socket that closes with its owner.
final class Socket: Sendable {
  let descriptor: Int32

  /// A system call that failed.
  struct Failure: Error, CustomStringConvertible {
    let call: String
    let code: Int32
    var description: String { "\(call): \(System.words(code))" }
  }

  /// Takes over a descriptor.
  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Two sockets connected with each other inside this process.
  static func pair() throws(Failure) -> (Socket, Socket) {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure(call: "socketpair", code: errno) }
    return (Socket(owning: ends[0]), Socket(owning: ends[1]))
  }

  /// What became of an attempt to move bytes.
  enum Transfer {
    case moved(Int)
    /// Nothing now; the socket will say when.
    case wouldBlock
    /// The connection is over: nil for an orderly end, else errno.
    case ended(Int32?)
  }

  func send(_ window: SendWindow) -> Transfer {
    var pieces = (
      iovec(iov_base: UnsafeMutableRawPointer(mutating: window.header.baseAddress), iov_len: window.header.count),
      iovec(iov_base: UnsafeMutableRawPointer(mutating: window.payload.baseAddress), iov_len: window.payload.count)
    )
    return withUnsafeMutablePointer(to: &pieces) { pieces in
      pieces.withMemoryRebound(to: iovec.self, capacity: 2) { pieces in
        var message = msghdr()
        message.msg_iov = window.header.isEmpty ? pieces + 1 : pieces
        message.msg_iovlen = window.header.isEmpty || window.payload.isEmpty ? 1 : 2
        while true {
          let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
          if count >= 0 { return .moved(count) }
          if errno == EINTR { continue }
          return errno == EAGAIN ? .wouldBlock : .ended(errno)
        }
      }
    }
  }

  /// Sends all bytes, waiting for room until the deadline; returns what kept it from that, or nil.
  func sendAll(_ bytes: [UInt8], until deadline: Nanoseconds) -> String? {
    bytes.withUnsafeBytes { all in
      var rest = all
      while !rest.isEmpty {
        switch send(SendWindow(header: rest)) {
        case .moved(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        case .ended(let code): return Self.words(ofEnd: code)
        case .wouldBlock:
          guard System.now < deadline else { return "it takes no data" }
          var interest = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&interest, 1, 50)
        }
      }
      return nil
    }
  }

  func receive(_ window: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = recv(descriptor, window.baseAddress, window.count, 0)
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended(nil) }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .wouldBlock : .ended(errno)
    }
  }

  /// The end of a connection in words.
  static func words(ofEnd code: Int32?) -> String {
    code.map(System.words) ?? "its connection ended without a farewell"
  }
}
