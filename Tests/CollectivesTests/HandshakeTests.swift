import Bootstrap
import Testing

@Suite("The handshake")
struct HandshakeTests {
  static let secret = [UInt8](repeating: 7, count: 32)
  static let subject = HandshakeSubject(source: 2, destination: 0, epoch: 3, kind: .control)
  static let terms = LinkTerms(job: [1], secret: secret, protection: .encrypted)

  static func bytes(_ seed: UInt64) -> [UInt8] {
    var random = SplitMix(state: seed)
    return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  static func ephemeral(_ seed: UInt64) -> Ephemeral {
    Ephemeral(nonce: bytes(seed), privateKey: bytes(seed + 1000))!
  }

  private func client(_ subject: HandshakeSubject = subject, _ terms: LinkTerms = terms, seed: UInt64 = 1)
    -> Handshake
  {
    Handshake(client: subject, terms: terms, ephemeral: Self.ephemeral(seed))
  }

  private func server(_ terms: LinkTerms = terms, objection: String? = nil, seed: UInt64 = 2) -> Handshake {
    Handshake(ephemeral: Self.ephemeral(seed), server: { _ in objection.map { .refused($0) } ?? .terms(terms) })
  }

  private static let noSecret = "the other side does not hold the job's secret, or somebody changed what it said"

  @Test(
    "two holders of the secret agree about what the connection is, however the bytes are cut", arguments: [1, 7, 64])
  func agreement(piece: Int) {
    var middle = Middle(client: client(), server: server())
    middle.run(piece: piece)
    #expect(middle.outcomes.client == .done(Self.subject) && middle.outcomes.server == .done(Self.subject))
    let (one, other) = (middle.client.sessionKeys, middle.server.sessionKeys)
    for fromClient in [true, false] {
      #expect(one.key(for: "x", fromClient: fromClient) == other.key(for: "x", fromClient: fromClient))
    }
    #expect(one.key(for: "x", fromClient: true) != one.key(for: "x", fromClient: false))
  }

  @Test("neither side takes the other without the secret")
  func wrongSecret() {
    let other = LinkTerms(job: [1], secret: Self.bytes(8), protection: .encrypted)
    var middle = Middle(client: client(), server: server(other))
    middle.run()
    #expect(middle.outcomes.client == .refused(Self.noSecret) && middle.outcomes.server == .goesOn)
    // A client that ignores the server's wrong proof has none of its own.
    var victim = server()
    #expect(victim.receive(client(Self.subject, other).outgoing) == .goesOn)
    #expect(victim.receive(Self.bytes(4)) == .refused(Self.noSecret))
  }

  @Test("with the same secret and nonces but other ephemeral keys, keys are others: the secret alone opens no record")
  func forwardSecrecy() throws {
    let nonce = Self.bytes(5)
    let keys = try (1...2).map { seed in
      let mine = try #require(Ephemeral(nonce: nonce, privateKey: Self.bytes(UInt64(seed))))
      var middle = Middle(
        client: Handshake(client: Self.subject, terms: Self.terms, ephemeral: mine), server: server())
      middle.run()
      return middle.client.sessionKeys.key(for: "encrypted records", fromClient: true)
    }
    #expect(keys[0] != keys[1])
  }

  @Test("who holds the secret but is another rank, or of another job, attempt, kind or protection, is not let in")
  func misbinding() {
    var (rank, kind, epoch) = (Self.subject, Self.subject, Self.subject)
    rank.source = 1
    kind.kind = .data
    epoch.epoch = 4
    for subject in [rank, kind, epoch] {
      // The middle passes a greeting on as if it were that of rank 2, for which the server would have terms.
      var middle = Middle(client: client(subject), server: server())
      middle.change = { message in
        message.number == 0 && message.isFromClient ? [self.client().outgoing] : [message.bytes]
      }
      middle.run()
      #expect(middle.admitted == 0, "\(subject)")
    }
    let others = [
      LinkTerms(job: [2], secret: Self.secret, protection: .encrypted),
      LinkTerms(job: [1], secret: Self.secret, protection: .checksum),
    ]
    let reasons = ["it belongs to another job", "it protects the connection in another way"]
    for (terms, reason) in zip(others, reasons) {
      var middle = Middle(client: client(Self.subject, terms), server: server())
      middle.run()
      #expect(middle.outcomes.server == .refused(reason))
    }
  }

  @Test("junk, another program's greeting, another version and a stale rank are refused at the first message")
  func strangers() {
    let request = Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8) + [UInt8](repeating: 32, count: 112)
    var listener = server()
    #expect(listener.receive(request.prefix(112)) == .refused("bytes that are not a greeting"))
    var older = client().outgoing
    older[4] -= 1
    listener = server()
    #expect(listener.receive(older) == .refused("it runs another version of this program"))
    var stale = server(objection: "attempt 2, where 3 runs")
    #expect(stale.receive(client().outgoing) == .refused("attempt 2, where 3 runs"))
    for seed in 0..<2000 {
      var victim = server()
      let noise = (0..<4).flatMap { Self.bytes(UInt64(seed * 4 + $0)) }
      #expect(victim.receive(noise.prefix(112)) != .goesOn)
    }
  }

  @Test("a public key that gives everybody the same secret, or one's own, is refused (RFC 7748, section 6.1)")
  func weakKeys() {
    let zero = [UInt8](repeating: 0, count: 32)
    let one = [1] + [UInt8](repeating: 0, count: 31)
    for key in [zero, one] {
      var victim = server()
      #expect(victim.receive(client().outgoing[..<80] + key) == .refused("its public key is not one"))
    }
    // A reflection: the client hears its own key.
    var mirrored = client()
    let own = Array(mirrored.outgoing[48..<112])
    #expect(mirrored.receive(own + zero) == .refused("its public key is not one"))
  }
}

@Suite("The agreement of keys")
struct AgreementTests {
  private func bytes(_ text: String) -> [UInt8] {
    stride(from: 0, to: text.count, by: 2).map { UInt8(text.dropFirst($0).prefix(2), radix: 16)! }
  }

  @Test("gives the public keys and the secret of RFC 7748, section 6.1")
  func published() throws {
    let nonce = [UInt8](repeating: 0, count: 32)
    let alice = try #require(
      Ephemeral(
        nonce: nonce, privateKey: bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")))
    let bob = try #require(
      Ephemeral(
        nonce: nonce, privateKey: bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")))
    #expect(alice.publicKey == bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
    #expect(bob.publicKey == bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
    let secret = bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
    #expect(alice.agreement(with: bob.publicKey) == secret && bob.agreement(with: alice.publicKey) == secret)
  }
}
