import Bootstrap
import Foundation
import Synchronization
import Testing
import Transport

/// A connection from outside the job.
final class Stranger: Sendable {
  let descriptor: Int32
  /// errno of the attempt to connect; 0 if it stands.
  let problem: Int32

  init(port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = UInt16(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    problem = result == 0 ? 0 : errno
    var patience = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func say(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// What comes next, at most so many bytes.
  func hear(_ count: Int) -> [UInt8] {
    var room = [UInt8](repeating: 0, count: count)
    return Array(room[..<max(0, recv(descriptor, &room, count, Int32(MSG_WAITALL)))])
  }

  /// Plays a rank as far as it gets; returns how it ended.
  func shakeHands(_ subject: HandshakeSubject, job: String, secret: [UInt8]) -> Handshake.Outcome {
    let terms = LinkTerms(job: Array(job.utf8), secret: secret)
    var handshake = Handshake(client: subject, terms: terms)
    while true {
      say(handshake.outgoing)
      handshake.outgoing = []
      let bytes = hear(handshake.wanted)
      if bytes.isEmpty { return .refused("closed") }
      let outcome = handshake.receive(bytes)
      if outcome != .goesOn { return outcome }
    }
  }
}

@Suite("Strangers")
struct StrangersTests {
  /// Everything an outsider may try at a port; the connections are returned so that some stay half open.
  private static func besiege(_ port: UInt16, secret: [UInt8]) -> (kept: [Stranger], outcomes: [Handshake.Outcome]) {
    let rank = HandshakeSubject(source: 2, destination: 0, epoch: 3, kind: .rendezvous)
    let job = "lockstep rendezvous 127.0.0.1:\(port)"
    var (stale, wrongRank, wrongKind) = (rank, rank, rank)
    stale.epoch = 2
    wrongRank.source = 9
    wrongKind.kind = .control
    for _ in 0..<20 { _ = Stranger(port: port) }
    for seed in 0..<20 {
      var random = SplitMix(state: UInt64(seed))
      Stranger(port: port).say((0..<1 + random.below(2000)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }
    Stranger(port: port).say(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    let outcomes = [
      Stranger(port: port).shakeHands(rank, job: job, secret: Nonce.fresh()),
      Stranger(port: port).shakeHands(rank, job: "another", secret: secret),
      Stranger(port: port).shakeHands(stale, job: job, secret: secret),
      Stranger(port: port).shakeHands(wrongRank, job: job, secret: secret),
      Stranger(port: port).shakeHands(wrongKind, job: job, secret: secret),
    ]
    let kept = (0..<80).map { _ in Stranger(port: port) }
    for (index, stranger) in kept.enumerated() where index % 2 == 0 { stranger.say([0x4c, 0x53, 0x53, 0x48]) }
    return (kept, outcomes)
  }

  @Test("of every kind are turned away and counted while ranks meet; afterwards nobody listens, and the job goes on")
  func siege() async throws {
    let port = Job.freePort()
    var job = Job(
      scenario: "paced", operations: 50, environment: [JobEnvironment.epoch: "3"], delays: [1: 0.8, 2: 0.8],
      rendezvous: "127.0.0.1:\(port)")
    let seen = Mutex((outcomes: [Handshake.Outcome](), problem: Int32(0)))
    job.beforeDelayed = { running in
      while Stranger(port: port).problem != 0, running.seconds < 30 { Thread.sleep(forTimeInterval: 0.02) }
      let secret = [UInt8](FileManager.default.contents(atPath: running.folder + "/secret") ?? Data())
      let (kept, outcomes) = Self.besiege(port, secret: secret)
      seen.withLock { $0.outcomes = outcomes }
      Thread.sleep(forTimeInterval: 0.1)
      withExtendedLifetime(kept) {}
    }
    let result = try await job.run { running in
      while !running.output(of: 0).contains("has met"), running.seconds < 30 { Thread.sleep(forTimeInterval: 0.02) }
      let end = running.seconds + 2
      while Stranger(port: port).problem == 0, running.seconds < end { Thread.sleep(forTimeInterval: 0.02) }
      let problem = Stranger(port: port).problem
      seen.withLock { $0.problem = problem }
    }
    #expect(result.statuses == [0: 0, 1: 0, 2: 0], "\(result.words)")
    #expect(result.verdicts.isEmpty)
    for outcome in seen.withLock({ $0.outcomes }) {
      guard case .refused = outcome else {
        Issue.record("a stranger was let in: \(outcome)")
        continue
      }
    }
    #expect(seen.withLock { $0.problem } == ECONNREFUSED)
    let said = try #require(result.output[0]!.firstMatch(of: /\((\d+) connections were turned away/))
    #expect(Int(said.1)! >= 60, "\(result.words)")
  }
}
