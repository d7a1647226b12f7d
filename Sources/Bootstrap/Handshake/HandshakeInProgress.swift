import Glibc
import Transport

/// A fresh connection on which the handshake runs.
struct HandshakeInProgress {
  /// Nanoseconds that it may take.
  static let time: Nanoseconds = 3_000_000_000

  let socket: Socket
  var agreement: Handshake
  private var isConnected: Bool
  let deadline: Nanoseconds

  init(_ socket: Socket, _ agreement: Handshake, isConnected: Bool, now: Nanoseconds) {
    self.socket = socket
    self.agreement = agreement
    self.isConnected = isConnected
    deadline = now + Self.time
  }

  /// What it waits for.
  var interest: pollfd {
    pollfd(fd: socket.descriptor, events: Int16(isConnected ? POLLIN : POLLOUT), revents: 0)
  }

  /// Goes as far as it can without waiting.
  mutating func step(_ now: Nanoseconds) -> Handshake.Outcome {
    if now >= deadline { return .refused("no answer within \(Self.time / 1_000_000_000) s") }
    if !isConnected {
      var descriptor = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&descriptor, 1, 0) > 0 else { return .goesOn }
      let code = TCP.pendingError(of: socket)
      if code != 0 { return .refused(System.words(code)) }
      isConnected = true
    }
    var outcome = Handshake.Outcome.goesOn
    while true {
      if let problem = flush() { return .refused(problem) }
      if outcome != .goesOn { return outcome }
      var room = [UInt8](repeating: 0, count: agreement.wanted)
      switch room.withUnsafeMutableBytes({ socket.receive($0) }) {
      case .moved(let count): outcome = agreement.receive(room[..<count])
      case .wouldBlock: return .goesOn
      case .ended(let end): return .refused(agreement.words(ofEnd: end.words))
      }
    }
  }

  /// Sends what the handshake has to say: a few hundred bytes on a fresh connection, which its buffer always takes.
  private mutating func flush() -> String? {
    if agreement.outgoing.isEmpty { return nil }
    let bytes = agreement.outgoing
    agreement.outgoing = []
    let sent = bytes.withUnsafeBytes { socket.send(SendWindow(header: $0)) }
    guard case .moved(bytes.count) = sent else { return "it takes no data" }
    return nil
  }
}
