import Collectives
import Diagnostics
import Glibc
import Support
import Transport

/// The other ranks' side of a rendezvous without process manager: finds rank 0, hands in its peer info and waits for everyone's.
struct Registration {
  let rank: Int
  let size: Int
  let epoch: UInt32
  let terms: LinkTerms
  let address: RendezvousAddress
  /// Whether all ranks run on this host, so that rank 0 listens on loopback alone.
  let isOneHost: Bool
  private var lastProblem = "it was not tried"
  private var tries = 0

  init(
    rank: Int, size: Int, parameters: JobParameters, address: RendezvousAddress, terms: LinkTerms, isOneHost: Bool
  ) {
    self.rank = rank
    self.size = size
    epoch = parameters.epoch
    self.address = address
    self.terms = terms
    self.isOneHost = isOneHost
  }

  /// Runs until all ranks have come; rank 0's answer may take a little longer than its own deadline.
  mutating func run(own: PeerInfo, seconds: Nanoseconds, until deadline: Nanoseconds) throws(GroupError) -> [PeerInfo] {
    while true {
      let start = System.now
      guard start < deadline else { break }
      if let connection = connect(until: deadline) {
        return try register(own, over: connection, until: deadline + HandshakeInProgress.time)
      }
      let pause: Nanoseconds = min(50_000_000 << UInt64(min(tries, 4)), 500_000_000)
      usleep(UInt32(min(pause, deadline - min(start, deadline)) / 1000))
    }
    let detail = "rank 0 was not reached within \(seconds / 1_000_000_000) s: \(lastProblem)"
    throw GroupError(Verdict(absent: 0, detail: detail))
  }

  /// Where rank 0 may be found now, best first.
  private mutating func candidates() -> [(host: String, port: UInt16)] {
    switch address {
    case .host(let name, let port):
      if isOneHost { return [(ListeningPlan.loopback, port)] }
      let found = RendezvousAddress.resolve(name)
      if found.isEmpty { lastProblem = "the host name \(name) is unknown" }
      return found.map { ($0, port) }
    case .file(let path):
      guard let found = RendezvousFile.read(path, epoch: epoch) else {
        lastProblem = "it has not written \(path) in attempt \(epoch)"
        return []
      }
      let isNeighbour = found.machine == LocalHost.identity
      return ((isNeighbour ? [ListeningPlan.loopback] : []) + found.addresses).map { ($0, found.port) }
    }
  }

  private mutating func connect(until deadline: Nanoseconds) -> Connection? {
    tries += 1
    for (host, port) in candidates() {
      do throws(Socket.Failure) {
        let now = System.now
        let socket = try TCP.connect(to: host, port: port, isLocal: host == ListeningPlan.loopback)
        let subject = HandshakeSubject(source: rank, destination: 0, epoch: epoch, kind: .rendezvous)
        var handshake = HandshakeInProgress(
          socket, Handshake(client: subject, terms: terms), isConnected: false, now: now)
        if let connection = finish(&handshake, until: deadline) { return connection }
        lastProblem = "\(host):\(port): \(lastProblem)"
      } catch {
        lastProblem = error.description
      }
    }
    return nil
  }

  private mutating func finish(_ handshake: inout HandshakeInProgress, until deadline: Nanoseconds) -> Connection? {
    while System.now < deadline {
      switch handshake.step(System.now) {
      case .done(let subject): return Connection(subject, handshake)
      case .refused(let reason):
        lastProblem = reason
        return nil
      case .goesOn:
        var interest = handshake.interest
        _ = poll(&interest, 1, 50)
      }
    }
    lastProblem = "no answer in time"
    return nil
  }

  private func register(
    _ peerInfo: PeerInfo, over connection: Connection, until deadline: Nanoseconds
  ) throws(GroupError) -> [PeerInfo] {
    let letter = Envelope.seal(peerInfo.encoded(), with: connection.keys.key(for: "card", fromClient: true))
    if let problem = connection.socket.sendAll(letter, until: deadline) { throw failure(.died, problem) }
    var opening = Envelope.Opening(
      key: connection.keys.key(for: "roster", fromClient: false), limit: Roster.limit(size: size))
    while true {
      var room = [UInt8](repeating: 0, count: opening.wanted)
      switch room.withUnsafeMutableBytes({ connection.socket.receive($0) }) {
      case .wouldBlock:
        guard System.now < deadline else { throw failure(.silent, "it did not say who has come") }
        var interest = pollfd(fd: connection.socket.descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&interest, 1, 50)
      case .ended(let end): throw failure(.died, end.words)
      case .moved(let count):
        switch opening.receive(room[..<count]) {
        case .goesOn: break
        case .refused(let reason): throw failure(.corrupted, reason)
        case .body(let body):
          guard let roster = Roster(decoding: body, size: size) else {
            throw .layout(
              reason: "rank 0 runs another version of this program", advice: "start the same binary on every host")
          }
          return try roster.get()
        }
      }
    }
  }

  private func failure(_ cause: Verdict.Cause, _ detail: String) -> GroupError {
    GroupError(
      Verdict(
        rank: 0, host: Verdict.unknownHost, cause: cause, detail: detail, operation: Verdict.rendezvous, step: 0))
  }
}
