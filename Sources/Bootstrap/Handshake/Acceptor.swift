import Glibc
import Transport

/// Takes the connections that come and lets in those that prove that they belong to the job; the others are closed and counted.
///
/// A stranger that connects and says nothing, or junk, holds up nobody.
struct Acceptor {
  /// Half-open connections beyond which the oldest is dropped.
  private static let halfOpenLimit = 64

  let listener: Listener
  private var handshakes: [HandshakeInProgress] = []
  /// How many connections were turned away, and why the last one was.
  private(set) var refused = 0
  private(set) var lastRefusal = ""

  init(listener: Listener) { self.listener = listener }

  /// What to wait for.
  var interests: [pollfd] {
    listener.sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) } + handshakes.map(\.interest)
  }

  /// In words for an error; empty if nobody was turned away.
  var refusals: String {
    switch refused {
    case 0: ""
    case 1: " (1 connection was turned away: \(lastRefusal))"
    default: " (\(refused) connections were turned away, the last one: \(lastRefusal))"
    }
  }

  /// Moves all handshakes on; returns the connections that are proven. `answer` gives the terms for a subject that belongs here.
  mutating func admit(
    _ now: Nanoseconds, answer: @escaping (HandshakeSubject) -> Handshake.Answer
  ) -> [Connection] {
    while let socket = listener.accept() {
      if handshakes.count >= Self.halfOpenLimit {
        handshakes.removeFirst()
        refuse("too many connections at once")
      }
      handshakes.append(HandshakeInProgress(socket, Handshake(server: answer), isConnected: true, now: now))
    }
    var admitted: [Connection] = []
    var open: [HandshakeInProgress] = []
    for var handshake in handshakes {
      switch handshake.step(now) {
      case .goesOn: open.append(handshake)
      case .done(let subject): admitted.append(Connection(subject, handshake))
      case .refused(let reason): refuse(reason)
      }
    }
    handshakes = open
    return admitted
  }

  private mutating func refuse(_ reason: String) {
    refused += 1
    lastRefusal = reason
  }
}

/// A connection whose ends have proven to each other that they hold the job's secret.
struct Connection {
  let subject: HandshakeSubject
  let socket: Socket
  let keys: SessionKeys
  let protection: Protection

  /// What has become of a handshake that is done.
  init(_ subject: HandshakeSubject, _ handshake: HandshakeInProgress) {
    self.subject = subject
    socket = handshake.socket
    (keys, protection) = (handshake.agreement.sessionKeys, handshake.agreement.protection)
  }
}
