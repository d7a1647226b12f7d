import Glibc

/// Connects this rank with all others: to lower ranks it goes, higher ranks come. Each connection proves that it belongs to the job.
///
/// All connections are made at once in one loop, so a stranger that connects and says nothing holds up nobody; what is not genuine
/// is closed and counted, and the loop goes on until all links stand or the deadline has come.
struct Meeting {
  /// Nanoseconds that a handshake may take.
  private static let handshakeTime: Nanoseconds = 3_000_000_000
  /// Half-open connections beyond which the oldest is dropped.
  private static let halfOpenLimit = 64

  private struct Attempt {
    let socket: Socket
    /// The link that this rank wants to make, or nil for a connection that came.
    let link: Engine.Link?
    var handshake: Handshake
    var isConnected: Bool
    let deadline: Nanoseconds
  }

  let place: Place
  let cards: [Card]
  let secret: [UInt8]
  private let listener: Socket
  private var attempts: [Attempt] = []
  private var retryAt: [Engine.Link: Nanoseconds] = [:]
  private var tries: [Engine.Link: Int] = [:]
  private var lastProblem: [Engine.Link: String] = [:]
  private(set) var links: [Engine.Link: Socket] = [:]
  /// How many connections were turned away, and why the last one was.
  private(set) var refused = 0

  init(place: Place, cards: [Card], secret: [UInt8], listener: Socket) {
    self.place = place
    self.cards = cards
    self.secret = secret
    self.listener = listener
  }

  /// The links that the lower rank of each pair waits for and the higher one makes.
  private var wanted: [Engine.Link] {
    (0..<place.rank).map { .data($0) } + (place.rank > 0 ? [.control(0)] : [])
  }

  private var expected: [Engine.Link] {
    (place.rank + 1..<place.size).map { .data($0) } + (place.rank == 0 ? (1..<place.size).map { .control($0) } : [])
  }

  /// Runs until all links stand.
  mutating func run(until deadline: Nanoseconds) throws(GroupError) -> [Engine.Link: Socket] {
    while links.count < wanted.count + expected.count {
      let now = System.now
      guard now < deadline else { throw tooLate() }
      connect(now)
      let next = attempts.map(\.deadline).min() ?? deadline
      wait(until: min(deadline, next, now + 50_000_000), now: now)
      while let socket = TCP.accept(from: listener) { welcome(socket, now) }
      serve(System.now)
    }
    return links
  }

  private func tooLate() -> GroupError {
    let missing = (wanted + expected).filter { links[$0] == nil }
    let rank = missing.map(\.peer).min()!
    let problem = missing.compactMap { lastProblem[$0] }.first ?? "it has not come"
    return .rendezvous(
      reason:
        "no connection with rank \(rank) on \(cards[rank].host): \(problem) (\(refused) connections were refused)",
      advice: "check that rank's own output, the network between the hosts and their firewalls")
  }

  /// Starts connections that stand neither nor are under way.
  private mutating func connect(_ now: Nanoseconds) {
    for link in wanted where links[link] == nil && now >= retryAt[link, default: 0] {
      if attempts.contains(where: { $0.link == link }) { continue }
      let card = cards[link.peer]
      let isLocal = card.machine == cards[place.rank].machine
      let addresses = isLocal ? ["127.0.0.1"] + card.addresses : card.addresses
      let attempt = tries[link, default: 0]
      tries[link] = attempt + 1
      retryAt[link] = now + min(50_000_000 << UInt64(min(attempt, 5)), 1_000_000_000)
      do throws(Socket.Failure) {
        let host = addresses[attempt % addresses.count]
        let socket = try TCP.connect(to: host, port: card.port, isLocal: isLocal)
        let subject = Handshake.Subject(
          source: place.rank, destination: link.peer, epoch: place.epoch, isControl: link.isControl)
        let handshake = Handshake(client: subject, secret: secret, nonce: Self.nonce())
        attempts.append(
          Attempt(
            socket: socket, link: link, handshake: handshake, isConnected: false,
            deadline: now + Self.handshakeTime))
      } catch {
        lastProblem[link] = error.description
      }
    }
  }

  private mutating func welcome(_ socket: Socket, _ now: Nanoseconds) {
    if attempts.count(where: { $0.link == nil }) >= Self.halfOpenLimit {
      attempts.remove(at: attempts.firstIndex { $0.link == nil }!)
      refused += 1
    }
    let place = place
    let handshake = Handshake(serverWith: secret, nonce: Self.nonce()) { subject in
      guard subject.destination == place.rank, subject.source > place.rank, subject.source < place.size,
        !subject.isControl || place.rank == 0
      else { return "a connection that is not expected here" }
      return subject.epoch == place.epoch ? nil : "attempt \(subject.epoch), where \(place.epoch) runs"
    }
    attempts.append(
      Attempt(socket: socket, link: nil, handshake: handshake, isConnected: true, deadline: now + Self.handshakeTime))
  }

  private func wait(until time: Nanoseconds, now: Nanoseconds) {
    var descriptors = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
    for attempt in attempts {
      let events = attempt.isConnected ? POLLIN : POLLOUT
      descriptors.append(pollfd(fd: attempt.socket.descriptor, events: Int16(events), revents: 0))
    }
    _ = poll(&descriptors, nfds_t(descriptors.count), Int32(min(time - min(now, time), 50_000_000) / 1_000_000 + 1))
  }

  /// Moves every attempt on; drops those that failed or took too long.
  private mutating func serve(_ now: Nanoseconds) {
    var open: [Attempt] = []
    for var attempt in attempts {
      switch step(&attempt, now) {
      case .goesOn: open.append(attempt)
      case .done(let subject):
        let peer = attempt.link?.peer ?? subject.source
        links[subject.isControl ? .control(peer) : .data(peer)] = attempt.socket
      case .refused(let reason):
        if let link = attempt.link { lastProblem[link] = reason } else { refused += 1 }
      }
    }
    attempts = open
  }

  private func step(_ attempt: inout Attempt, _ now: Nanoseconds) -> Handshake.Outcome {
    if now >= attempt.deadline { return .refused("no answer within \(Self.handshakeTime / 1_000_000_000) s") }
    if !attempt.isConnected {
      var descriptor = pollfd(fd: attempt.socket.descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&descriptor, 1, 0) > 0 else { return .goesOn }
      let code = TCP.pendingError(of: attempt.socket)
      if code != 0 { return .refused(System.words(code)) }
      attempt.isConnected = true
    }
    var outcome = Handshake.Outcome.goesOn
    repeat {
      if let problem = flush(&attempt) { return .refused(problem) }
      if outcome != .goesOn { return outcome }
      var room = [UInt8](repeating: 0, count: attempt.handshake.wanted)
      switch room.withUnsafeMutableBytes({ attempt.socket.receive($0) }) {
      case .moved(let count): outcome = attempt.handshake.receive(room[..<count])
      case .wouldBlock: return .goesOn
      case .ended(let code): return .refused(Socket.words(ofEnd: code))
      }
    } while true
  }

  /// Sends what the handshake has to say: a few hundred bytes on a fresh connection, which its buffer always takes.
  private func flush(_ attempt: inout Attempt) -> String? {
    if attempt.handshake.outgoing.isEmpty { return nil }
    let bytes = attempt.handshake.outgoing
    attempt.handshake.outgoing = []
    let sent = bytes.withUnsafeBytes { attempt.socket.send(SendWindow(header: $0)) }
    guard case .moved(bytes.count) = sent else { return "it takes no data" }
    return nil
  }

  /// 32 bytes that were never used before.
  static func nonce() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
