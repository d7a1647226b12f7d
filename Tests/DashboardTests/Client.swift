import Foundation
import Glibc

/// A client that sends what it is told, byte by byte, as a browser never would.
struct Client {
  let port: UInt16
  /// Headers of every request that `get` sends.
  var headers: [String] = []

  struct Answer {
    var status: Int
    var head: String
    var body: String

    func header(_ name: String) -> String? {
      let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
      return line.map { String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces) }
    }
  }

  /// Sends a request.
  /// - Parameters:
  ///   - headers: lines of the head.
  ///   - end: a text after which the answer is complete; by default it is when the server closes the connection.
  ///   - meanwhile: called once, when the first bytes of the answer are there.
  func get(
    _ target: String, method: String = "GET", headers: [String] = [], until end: String? = nil,
    meanwhile: () throws -> Void = {}
  ) throws -> Answer {
    let isHostGiven = headers.contains { $0.hasPrefix("Host:") }
    let lines = ["\(method) \(target) HTTP/1.1", "Connection: close"] + self.headers + headers
    let request = (lines + (isHostGiven ? [] : ["Host: 127.0.0.1:\(port)"]) + ["", ""]).joined(separator: "\r\n")
    return Self.answer(try converse(Array(request.utf8), until: end, meanwhile))
  }

  /// Sends bytes as they are, and waits for the end of the connection.
  func send(_ bytes: [UInt8]) throws -> Answer { Self.answer(try converse(bytes, until: nil) {}) }

  private static func answer(_ text: String) -> Answer {
    let parts = text.components(separatedBy: "\r\n\r\n")
    let status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
    return Answer(status: status, head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
  }

  private func converse(_ bytes: [UInt8], until end: String?, _ meanwhile: () throws -> Void) throws -> String {
    let descriptor = try connection()
    defer { close(descriptor) }
    guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw POSIXError(.EPIPE)
    }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      if received.isEmpty { try meanwhile() }
      received += buffer.prefix(count)
      if let end, String(decoding: received, as: UTF8.self).contains(end) { break }
    }
    return String(decoding: received, as: UTF8.self)
  }

  /// A connection of this machine.
  /// - Parameter buffer: bytes that the kernel keeps for a client that does not read.
  func connection(buffer: Int32? = nil) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var buffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, socklen_t(MemoryLayout<Int32>.size)) }
    var deadline = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      close(descriptor)
      throw POSIXError(.ECONNREFUSED)
    }
    return descriptor
  }
}
