import Glibc

/// Takes the connections that come and lets in those that prove that they belong to the job; the others are closed and counted.
///
/// A stranger that connects and says nothing, or junk, holds up nobody.
struct Door {
  /// Half-open connections beyond which the oldest is dropped.
  private static let halfOpenLimit = 64

  let listener: Listener
  let secret: [UInt8]
  private var attempts: [Attempt] = []
  /// How many connections were turned away, and why the last one was.
  private(set) var refused = 0
  private(set) var lastRefusal = ""

  init(listener: Listener, secret: [UInt8]) {
    self.listener = listener
    self.secret = secret
  }

  /// What to wait for.
  var interests: [pollfd] {
    listener.sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) } + attempts.map(\.interest)
  }

  /// In words for an error; empty if nobody was turned away.
  var refusals: String {
    switch refused {
    case 0: ""
    case 1: " (1 connection was turned away: \(lastRefusal))"
    default: " (\(refused) connections were turned away, the last one: \(lastRefusal))"
    }
  }

  /// Moves all handshakes on; returns the connections that are proven. `accepts` says why a subject does not belong here.
  mutating func admit(_ now: Nanoseconds, accepts: @escaping (Handshake.Subject) -> String?) -> [Connection] {
    while let socket = listener.accept() {
      if attempts.count >= Self.halfOpenLimit {
        attempts.removeFirst()
        refuse("too many connections at once")
      }
      let handshake = Handshake(serverWith: secret, nonce: JobSecret.fresh(), accepts: accepts)
      attempts.append(Attempt(socket, handshake, isConnected: true, now: now))
    }
    var admitted: [Connection] = []
    var open: [Attempt] = []
    for var attempt in attempts {
      switch attempt.step(now) {
      case .goesOn: open.append(attempt)
      case .done(let subject):
        admitted.append(Connection(subject: subject, socket: attempt.socket, keys: attempt.handshake.sessionKeys))
      case .refused(let reason): refuse(reason)
      }
    }
    attempts = open
    return admitted
  }

  private mutating func refuse(_ reason: String) {
    refused += 1
    lastRefusal = reason
  }
}

/// A connection whose ends have proven to each other that they hold the job's secret.
struct Connection {
  let subject: Handshake.Subject
  let socket: Socket
  let keys: SessionKeys
}
