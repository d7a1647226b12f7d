import Collectives
import Testing

@Suite("The handshake")
struct HandshakeTests {
  private static let secret = [UInt8](repeating: 7, count: 32)
  private static let subject = Handshake.Subject(source: 2, destination: 0, epoch: 3, kind: .control)

  private func nonce(_ seed: UInt64) -> [UInt8] {
    var random = SplitMix(state: seed)
    return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private func client(secret: [UInt8] = secret) -> Handshake {
    Handshake(client: Self.subject, secret: secret, nonce: nonce(1))
  }

  private func server(secret: [UInt8] = secret, objection: String? = nil, seed: UInt64 = 2) -> Handshake {
    Handshake(serverWith: secret, nonce: nonce(seed)) { _ in objection }
  }

  /// Carries bytes to and fro, in pieces, until neither side has more; `damage` may change what the client sends.
  private func run(
    _ client: inout Handshake, _ server: inout Handshake, piece: Int = 7, damage: ([UInt8]) -> [UInt8] = { $0 }
  ) -> (client: Handshake.Outcome, server: Handshake.Outcome) {
    var outcomes = (client: Handshake.Outcome.goesOn, server: Handshake.Outcome.goesOn)
    while !client.outgoing.isEmpty || !server.outgoing.isEmpty {
      var (toServer, toClient) = (damage(client.outgoing)[...], server.outgoing[...])
      (client.outgoing, server.outgoing) = ([], [])
      while !toServer.isEmpty, outcomes.server == .goesOn {
        let count = min(piece, toServer.count, server.wanted)
        outcomes.server = server.receive(toServer.prefix(count))
        toServer = toServer.dropFirst(count)
      }
      while !toClient.isEmpty, outcomes.client == .goesOn {
        let count = min(piece, toClient.count, client.wanted)
        outcomes.client = client.receive(toClient.prefix(count))
        toClient = toClient.dropFirst(count)
      }
    }
    return outcomes
  }

  @Test(
    "two holders of the secret agree about what the connection is, however the bytes are cut", arguments: [1, 7, 64])
  func agreement(piece: Int) {
    var (client, server) = (client(), server())
    let outcomes = run(&client, &server, piece: piece)
    #expect(outcomes.client == .done(Self.subject) && outcomes.server == .done(Self.subject))
  }

  @Test("neither side takes the other without the secret")
  func wrongSecret() {
    let other = [UInt8](repeating: 8, count: 32)
    var (honest, impostor) = (client(), server(secret: other))
    #expect(run(&honest, &impostor).client == .refused("the other side does not hold the job's secret"))

    // A client that ignores the server's wrong proof still has none of its own: replay what an earlier one sent.
    var (earlier, first) = (client(), server())
    var recorded: [[UInt8]] = []
    _ = run(&earlier, &first) { bytes in
      if !bytes.isEmpty { recorded.append(bytes) }
      return bytes
    }
    var second = server(seed: 99)
    #expect(second.receive(recorded[0]) == .goesOn)
    #expect(second.receive(recorded[1]) == .refused("the other side does not hold the job's secret"))
  }

  @Test("junk, another program's greeting and a stale rank are refused at the first message")
  func strangers() {
    let request = Array("GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: scanner/1.0\r\nAccept: *".utf8.prefix(64))
    var listener = server()
    #expect(
      listener.receive(request)
        != .goesOn)
    var (stale, strict) = (client(), server(objection: "attempt 2, where 3 runs"))
    #expect(run(&stale, &strict).server == .refused("attempt 2, where 3 runs"))
    for seed in 0..<2000 {
      var victim = server()
      #expect(victim.receive(nonce(UInt64(seed)) + nonce(UInt64(seed) + 5000)) != .goesOn)
    }
  }

  @Test("a flipped bit anywhere in the greeting's identity is noticed", arguments: 0..<48)
  func damage(byte: Int) {
    var (client, server) = (client(), server())
    var isFirst = true
    let outcomes = run(&client, &server) { bytes in
      guard isFirst, !bytes.isEmpty else { return bytes }
      isFirst = false
      var damaged = bytes
      damaged[byte] ^= 1
      return damaged
    }
    #expect(outcomes.client != .done(Self.subject) && outcomes.server != .done(Self.subject))
  }
}
