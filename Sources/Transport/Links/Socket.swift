import Glibc

/// A non-blocking stream socket that closes with its owner.
package final class Socket: ByteTransport {
  package let descriptor: Int32

  /// A system call that failed.
  package struct Failure: Error, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(call: String, code: Int32) {
      self.call = call
      self.code = code
    }

    package var description: String { "\(call): \(System.words(code))" }
  }

  /// Takes over a descriptor.
  package init(owning descriptor: Int32) {
    self.descriptor = descriptor
    System.watch(descriptor, isOpen: true)
  }

  deinit {
    System.watch(descriptor, isOpen: false)
    close(descriptor)
  }

  /// Two sockets connected with each other inside this process.
  package static func pair() throws(Failure) -> (Socket, Socket) {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure(call: "socketpair", code: errno) }
    return (Socket(owning: ends[0]), Socket(owning: ends[1]))
  }

  package func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  package func send(_ window: SendWindow) -> Transfer {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2 + window.behind.count) { buffers in
      var count = 0
      func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        buffers[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: bytes.count)
        count += 1
      }
      add(window.header)
      add(window.payload)
      for buffer in window.behind { add(buffer) }
      var message = msghdr()
      message.msg_iov = buffers.baseAddress
      message.msg_iovlen = count
      while true {
        let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .moved(count) }
        if errno == EINTR { continue }
        return errno == EAGAIN ? .wouldBlock : Self.end(.failed(errno))
      }
    }
  }

  /// An end of the connection; in a process that crashes nothing, for it ends its connections itself.
  private static func end(_ how: Transfer.End) -> Transfer { System.isCrashing ? .wouldBlock : .ended(how) }

  /// Sends all bytes, waiting for room until the deadline; returns what kept it from that, or nil.
  package func sendAll(_ bytes: [UInt8], until deadline: Nanoseconds) -> String? {
    bytes.withUnsafeBytes { all in
      var rest = all
      while !rest.isEmpty {
        switch send(SendWindow(header: rest)) {
        case .moved(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        case .ended(let end): return end.words
        case .wouldBlock:
          guard System.now < deadline else { return "it takes no data" }
          var interest = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&interest, 1, 50)
        }
      }
      return nil
    }
  }

  package func receive(_ window: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = recv(descriptor, window.baseAddress, window.count, 0)
      if count > 0 { return .moved(count) }
      if count == 0 { return Self.end(.closed) }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .wouldBlock : Self.end(.failed(errno))
    }
  }
}
