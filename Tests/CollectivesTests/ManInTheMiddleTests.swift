import Bootstrap
import Testing

@Suite("A man in the middle of a handshake")
struct ManInTheMiddleTests {
  private static let subject = HandshakeTests.subject

  /// Two honest ends, whose ephemeral keys are those of the seed.
  private static func middle(seed: UInt64 = 1) -> Middle {
    Middle(
      client: Handshake(
        client: subject, terms: HandshakeTests.terms, ephemeral: HandshakeTests.ephemeral(seed)),
      server: Handshake(
        ephemeral: HandshakeTests.ephemeral(seed + 100), server: { _ in .terms(HandshakeTests.terms) }))
  }

  /// Every message of an honest handshake: of the client greeting and proof, of the server challenge and welcome.
  private static let messages: [(isFromClient: Bool, number: Int, count: Int)] = [
    (true, 0, 112), (false, 0, 96), (true, 1, 32), (false, 1, 32),
  ]

  @Test("who flips any bit of any message keeps at least one end from the connection, and no two ends agree on keys")
  func flips() {
    for message in Self.messages {
      for bit in 0..<message.count * 8 {
        var middle = Self.middle()
        middle.change = {
          guard $0.isFromClient == message.isFromClient, $0.number == message.number else { return [$0.bytes] }
          var bytes = $0.bytes
          bytes[bit / 8] ^= 1 << UInt8(bit % 8)
          return [bytes]
        }
        middle.run()
        // Only the last message comes when its sender is done: the connection then has one end, and is closed by the other.
        let isLast = !message.isFromClient && message.number == 1
        #expect(middle.admitted == (isLast ? 1 : 0), "bit \(bit) of message \(message)")
        #expect(middle.outcomes.client != .done(Self.subject), "bit \(bit) of message \(message)")
      }
    }
  }

  @Test("who cuts any message short keeps both ends waiting, for the deadline to end it")
  func cuts() {
    for message in Self.messages {
      for count in 0..<message.count {
        var middle = Self.middle()
        middle.change = {
          $0.isFromClient == message.isFromClient && $0.number == message.number
            ? [Array($0.bytes.prefix(count))] : [$0.bytes]
        }
        middle.run()
        #expect(middle.outcomes.client == .goesOn, "\(count) of \(message)")
      }
    }
  }

  @Test("who replays a recorded session, whole or in part, is refused by either end")
  func replays() {
    var recorded = Self.middle()
    recorded.run()
    #expect(recorded.admitted == 2)
    let (said, heard) = (recorded.seen.filter(\.isFromClient), recorded.seen.filter { !$0.isFromClient })
    var server = Self.middle(seed: 2).server
    #expect(server.receive(said[0].bytes) == .goesOn)
    #expect(server.receive(said[1].bytes) != .done(Self.subject))
    var client = Self.middle(seed: 3).client
    #expect(client.receive(heard[0].bytes) != .goesOn)
  }

  @Test("who splices two sessions, of any message from one with the rest of the other, is noticed")
  func splices() {
    var other = Self.middle(seed: 7)
    other.run()
    for message in other.seen {
      var middle = Self.middle()
      middle.change = {
        $0.isFromClient == message.isFromClient && $0.number == message.number ? [message.bytes] : [$0.bytes]
      }
      middle.run()
      #expect(middle.outcomes.client != .done(Self.subject), "\(message.isFromClient) \(message.number)")
    }
  }

  @Test("who repeats or reorders messages, or answers an end with its own, is noticed")
  func orders() {
    let changes: [(Middle.Message) -> [[UInt8]]] = [
      { $0.isFromClient && $0.number == 0 ? [$0.bytes, $0.bytes] : [$0.bytes] },
      { $0.isFromClient ? [$0.bytes] : [$0.bytes.reversed()] },
      { $0.isFromClient ? [$0.bytes] : [$0.bytes, $0.bytes] },
    ]
    for (index, change) in changes.enumerated() {
      var middle = Self.middle()
      middle.change = change
      middle.run()
      #expect(middle.outcomes.client != .done(Self.subject), "\(index)")
    }
    // Both ends are clients: each hears the other's greeting in place of a challenge.
    var mirrored = Self.middle().client
    #expect(mirrored.receive(Self.middle(seed: 5).client.outgoing.prefix(96)) != .goesOn)
  }

  @Test("who puts its own keys between the ends has no proof for either of them")
  func ownKeys() {
    let attacker = LinkTerms(job: [1], secret: HandshakeTests.bytes(66), protection: .encrypted)
    var towardsServer = Handshake(client: Self.subject, terms: attacker, ephemeral: HandshakeTests.ephemeral(50))
    var towardsClient = Handshake(ephemeral: HandshakeTests.ephemeral(51), server: { _ in .terms(attacker) })
    var (client, server) = (Self.middle().client, Self.middle().server)
    #expect(towardsClient.receive(client.outgoing) == .goesOn && server.receive(towardsServer.outgoing) == .goesOn)
    guard case .refused = client.receive(towardsClient.outgoing) else {
      Issue.record("the client takes the middle for the server")
      return
    }
    guard case .refused = towardsServer.receive(server.outgoing) else {
      Issue.record("the middle learns the server's secret")
      return
    }
    #expect(server.receive([UInt8](repeating: 0, count: 32)) != .done(Self.subject))
  }
}
