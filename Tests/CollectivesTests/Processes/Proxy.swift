import Foundation
import Synchronization

/// Somebody in the middle of the connections to a port of loopback: takes them at a port of its own and changes what it likes.
final class Proxy: Sendable {
  /// What becomes of bytes on their way.
  struct Change: Sendable {
    var isFromClient = true
    /// Which byte of that direction is hit.
    var place: Int
    var kind: Kind

    enum Kind: CaseIterable { case flip, cut, double, swap }
  }

  let port: UInt16
  private let target: UInt16
  private let listener: Int32
  /// For the first connections, in order; those after them are left alone.
  private let changes: [Change]
  /// What rank 0 answered to a greeting and a proof that were played again while they were on their way for the first time.
  private let replies = Mutex<[[UInt8]]>([])

  init(target: UInt16, changes: [Change]) {
    self.target = target
    self.changes = changes
    port = Job.freePort()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = UInt16(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(listener, $0, length) }
    }
    listen(listener, 64)
    Thread { [self] in serve() }.start()
  }

  /// Ends the proxy; the connections that it carries go on.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The answers to sessions that were played again: one for each connection that was left alone.
  var answersToReplays: [[UInt8]] { replies.withLock { $0 } }

  private func serve() {
    var count = 0
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = Stranger(port: target)
      let change = count < changes.count ? changes[count] : nil
      count += 1
      let ends = (client, server)
      Thread { [self] in carry(from: ends.0, to: ends.1.descriptor, change, isFromClient: true) }.start()
      Thread { [self] in
        carry(from: ends.1.descriptor, to: ends.0, change, isFromClient: false)
        withExtendedLifetime(ends.1) {}
      }.start()
    }
  }

  /// A greeting and a proof.
  private static let sessionBytes = 112 + 32

  private func replay(_ session: [UInt8]) {
    let again = Stranger(port: target)
    again.say(session)
    // A challenge, and perhaps a welcome.
    let reply = again.hear(96 + 32)
    replies.withLock { $0.append(reply) }
  }

  private func carry(from source: Int32, to sink: Int32, _ change: Change?, isFromClient: Bool) {
    var (place, said) = (0, [UInt8]())
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(source, &room, room.count, 0)
      if count < 0, errno == EAGAIN { continue }
      guard count > 0 else { break }
      var bytes = Array(room[..<count])
      if isFromClient, change == nil, said.count < Self.sessionBytes {
        said += bytes
        if said.count >= Self.sessionBytes { replay(said) }
      }
      if let change, change.isFromClient == isFromClient, place..<place + count ~= change.place {
        let hit = change.place - place
        switch change.kind {
        case .flip: bytes[hit] ^= 0x10
        case .cut: bytes.removeSubrange(hit...)
        case .double: bytes.insert(bytes[hit], at: hit)
        case .swap: bytes[hit...].reverse()
        }
        _ = send(sink, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if change.kind == .cut { break }
      } else {
        _ = send(sink, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      }
      place += count
    }
    shutdown(sink, Int32(SHUT_RDWR))
    shutdown(source, Int32(SHUT_RDWR))
  }
}
