import Collectives
import Diagnostics
import Glibc
import Transport

/// Connects this rank with all others: to lower ranks it goes, higher ranks come. Each connection proves that it belongs to the job.
///
/// All connections are made at once in one loop, which continues until all links stand or the deadline has come.
struct Connector {
  let info: RankInfo
  let peerInfos: [PeerInfo]
  private let credential: JobCredential
  private(set) var acceptor: Acceptor
  private var handshakes: [(link: Link, handshake: HandshakeInProgress)] = []
  private var retryAt: [Link: Nanoseconds] = [:]
  private var tries: [Link: Int] = [:]
  private var lastProblem: [Link: String] = [:]
  private(set) var links: [Link: Connection] = [:]

  init(info: RankInfo, peerInfos: [PeerInfo], credential: JobCredential, acceptor: Acceptor) {
    self.info = info
    self.peerInfos = peerInfos
    self.credential = credential
    self.acceptor = acceptor
  }

  /// The links that the lower rank of each pair waits for and the higher one makes.
  private var wanted: [Link] {
    (0..<info.rank).map { .data($0) } + (info.rank > 0 ? [.control(0)] : [])
  }

  private var expected: [Link] {
    (info.rank + 1..<info.size).map { .data($0) } + (info.rank == 0 ? (1..<info.size).map { .control($0) } : [])
  }

  /// Runs until all links stand.
  mutating func run(until deadline: Nanoseconds) throws(GroupError) -> [Link: Connection] {
    while links.count < wanted.count + expected.count {
      let now = System.now
      guard now < deadline else { throw absence() }
      connect(now)
      wait(until: min(deadline, now + 50_000_000), now: now)
      welcome(System.now)
      serve(System.now)
    }
    return links
  }

  private func absence() -> GroupError {
    let missing = (wanted + expected).filter { links[$0] == nil }
    let ranks = Set(missing.map(\.peer)).sorted()
    let problem = missing.compactMap { lastProblem[$0] }.first.map { "; the last try: \($0)" } ?? ""
    let detail = "no connection with \(RankList.words(ranks))\(problem)\(acceptor.refusals)"
    return GroupError(Verdict(absent: ranks[0], on: peerInfos[ranks[0]].host, detail: detail))
  }

  /// Starts connections that neither stand nor are under way.
  private mutating func connect(_ now: Nanoseconds) {
    for link in wanted where links[link] == nil && now >= retryAt[link, default: 0] {
      if handshakes.contains(where: { $0.link == link }) { continue }
      let peerInfo = peerInfos[link.peer]
      let isLocal = peerInfo.machine == peerInfos[info.rank].machine
      let addresses = (isLocal ? [ListeningPlan.loopback] : []) + peerInfo.addresses
      guard !addresses.isEmpty else {
        lastProblem[link] = "it listens on loopback alone"
        continue
      }
      let count = tries[link, default: 0]
      tries[link] = count + 1
      retryAt[link] = now + min(50_000_000 << UInt64(min(count, 5)), 1_000_000_000)
      do throws(Socket.Failure) {
        let host = addresses[count % addresses.count]
        let socket = try TCP.connect(to: host, port: peerInfo.port, isLocal: isLocal)
        let subject = HandshakeSubject(
          source: info.rank, destination: link.peer, epoch: info.epoch, kind: link.isControl ? .control : .data)
        let agreement = Handshake(client: subject, terms: credential.terms(with: link.peer))
        handshakes.append((link, HandshakeInProgress(socket, agreement, isConnected: false, now: now)))
      } catch {
        lastProblem[link] = error.description
      }
    }
  }

  private func wait(until time: Nanoseconds, now: Nanoseconds) {
    var descriptors = acceptor.interests + handshakes.map(\.handshake.interest)
    _ = poll(&descriptors, nfds_t(descriptors.count), Int32((time - min(now, time)) / 1_000_000 + 1))
  }

  private mutating func welcome(_ now: Nanoseconds) {
    let (info, credential) = (info, credential)
    let came = acceptor.admit(now) { subject in
      guard subject.destination == info.rank, subject.source > info.rank, subject.source < info.size,
        subject.kind == .data || (subject.kind == .control && info.rank == 0)
      else { return .refused("a connection that is not expected here") }
      return subject.epoch == info.epoch
        ? .terms(credential.terms(with: subject.source))
        : .refused("attempt \(subject.epoch), where \(info.epoch) runs")
    }
    for connection in came {
      let peer = connection.subject.source
      links[connection.subject.kind == .control ? .control(peer) : .data(peer)] = connection
    }
  }

  /// Moves this rank's own handshakes on; drops those that failed or took too long.
  private mutating func serve(_ now: Nanoseconds) {
    var open: [(link: Link, handshake: HandshakeInProgress)] = []
    for (link, var handshake) in handshakes {
      switch handshake.step(now) {
      case .goesOn: open.append((link, handshake))
      case .done(let subject): links[link] = Connection(subject, handshake)
      case .refused(let reason): lastProblem[link] = reason
      }
    }
    handshakes = open
  }
}
