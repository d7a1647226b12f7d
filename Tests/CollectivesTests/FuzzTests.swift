import Bootstrap
import Collectives
import Diagnostics
import Foundation
import Schedules
import Testing
import Transport

/// Whatever comes over a connection, a rank neither crashes nor hangs nor takes much memory.
@Suite("Hostile bytes", .serialized)
struct FuzzTests {
  #if DEBUG
    /// Of the number of inputs in a release build.
    private static let share = 0.01
  #else
    private static let share = 1.0
  #endif

  private static let secret = [UInt8](repeating: 7, count: 32)

  /// Bytes as they are, or with some of them changed, cut off, doubled or put in.
  private func mutated(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var result = bytes
    for _ in 0..<random.below(4) where !result.isEmpty {
      let place = random.below(result.count)
      switch random.below(5) {
      case 0: result[place] ^= 1 << UInt8(random.below(8))
      case 1: result[place] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)]
      case 2: result.removeSubrange(place...)
      case 3: result.insert(contentsOf: result[place..<min(result.count, place + random.below(40))], at: place)
      default: result.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
      }
    }
    return result
  }

  private func noise(_ count: Int, _ random: inout SplitMix) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// Runs a body for many seeds; fails if the process grew by more than a few megabytes over it.
  private func forSeeds(_ count: Int, _ body: (inout SplitMix) -> Void) {
    let before = Self.residentBytes
    for seed in 0..<Int(Double(count) * Self.share) {
      var random = SplitMix(state: UInt64(seed) &* 0x1234_5678_9abc_def1)
      body(&random)
    }
    #expect(Self.residentBytes - before < 64 << 20)
  }

  private static var residentBytes: Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
  }

  @Test("as control messages are read or refused; what is read comes back the same when written again")
  func controlMessages() {
    let valid = FrameTests.messages.map { $0.encoded() }
    forSeeds(100_000) { random in
      let bytes =
        random.once(in: 5) ? noise(random.below(200), &random) : mutated(valid[random.below(valid.count)], &random)
      guard let message = ControlMessage(decoding: bytes) else { return }
      #expect(ControlMessage(decoding: message.encoded()) != nil)
    }
  }

  @Test("as frame headers are refused, unless they are whole")
  func frames() {
    forSeeds(100_000) { random in
      var header = [UInt8](repeating: 0, count: Frame.bytes)
      let frame = Frame(
        kind: .data, source: random.below(1 << 16), destination: 0, epoch: 1, length: random.below(1 << 30))
      header.withUnsafeMutableBytes { frame.encode(to: $0.baseAddress!) }
      let bytes = mutated(header, &random) + noise(Frame.bytes, &random)
      let decoded = bytes.withUnsafeBytes { try? Frame(decoding: $0.baseAddress!) }
      #expect(decoded == nil || Array(bytes[..<Frame.bytes]) == header)
    }
  }

  @Test("in a handshake let nobody in who did not send the honest bytes, on either side")
  func handshakes() {
    let subject = HandshakeSubject(source: 2, destination: 0, epoch: 3, kind: .control)
    forSeeds(60_000) { random in
      let terms = LinkTerms(secret: Self.secret)
      var client = Handshake(
        client: subject, terms: terms,
        ephemeral: Ephemeral(nonce: noise(32, &random), privateKey: noise(32, &random))!)
      var server = Handshake(
        ephemeral: Ephemeral(nonce: noise(32, &random), privateKey: noise(32, &random))!, server: { _ in .terms(terms) }
      )
      var isHonest = true
      var isWhole = true
      var outcomes: [Handshake.Outcome] = []
      for turn in 0..<4 {
        let said = turn % 2 == 0 ? client.outgoing : server.outgoing
        (client.outgoing, server.outgoing) = ([], [])
        let heard = random.once(in: 3) ? mutated(said, &random) : said
        isHonest = isHonest && heard == said
        isWhole = isWhole && heard.starts(with: said)
        if turn % 2 == 0 { outcomes += feed(heard, to: &server) } else { outcomes += feed(heard, to: &client) }
      }
      let admitted = outcomes.count { $0 == .done(subject) }
      // The server is done a message before the client: damage to the last one leaves it with a connection that nobody uses.
      let isRight = isHonest ? admitted == 2 : admitted < 2 || isWhole
      #expect(isRight)
    }
  }

  /// Takes in as much as is wanted; returns what came of it, if anything.
  private func feed(_ bytes: [UInt8], to side: inout Handshake) -> [Handshake.Outcome] {
    var rest = bytes[...]
    while !rest.isEmpty, side.wanted > 0 {
      let piece = rest.prefix(side.wanted)
      rest = rest.dropFirst(piece.count)
      let outcome = side.receive(piece)
      if outcome != .goesOn { return [outcome] }
    }
    return []
  }

  @Test("as peer info, rosters and the envelopes around them are refused before memory is taken for them")
  func rosters() {
    let peerInfo = PeerInfo(
      addresses: ["10.0.0.1", "10.0.0.2"], port: 1000, host: "node-1", machine: "m", process: 7, epoch: 1,
      fingerprint: "f", key: Self.secret)
    let valid = [
      Roster.peerInfos([peerInfo, peerInfo, peerInfo]).encoded(), Roster.layout(reason: "r", advice: "a").encoded(),
      Roster.failure(Verdict(rank: 1, host: "h", cause: .absent, detail: "d", operation: "o", step: 0)).encoded(),
    ]
    let key = Self.sessionKeys.key(for: "card", fromClient: true)
    forSeeds(60_000) { random in
      let body = mutated(valid[random.below(3)], &random)
      _ = Roster(decoding: body, size: 3)
      _ = try? PeerInfo(decoding: body)
      var letter = mutated(Envelope.seal(body, with: key), &random)[...]
      var opening = Envelope.Opening(key: key, limit: 4096)
      while !letter.isEmpty {
        #expect(opening.wanted <= 64 << 10)
        let piece = letter.prefix(min(opening.wanted, 1 + random.below(100)))
        letter = letter.dropFirst(piece.count)
        let outcome = opening.receive(piece)
        if outcome != .goesOn {
          if case .body(let got) = outcome { #expect(got == body) }
          break
        }
      }
    }
  }

  private static var sessionKeys: SessionKeys {
    let subject = HandshakeSubject(source: 1, destination: 0, epoch: 0, kind: .rendezvous)
    let terms = LinkTerms(secret: secret)
    var client = Handshake(client: subject, terms: terms)
    var server = Handshake(server: { _ in .terms(terms) })
    for _ in 0..<2 {
      if !client.outgoing.isEmpty { _ = server.receive(client.outgoing) }
      client.outgoing = []
      if !server.outgoing.isEmpty { _ = client.receive(server.outgoing) }
      server.outgoing = []
    }
    return client.sessionKeys
  }

  @Test("to a running engine end in a verdict on their sender, or change nothing; frames with right checksums, too")
  func engine() {
    forSeeds(20_000) { random in
      var settings = tinySettings()
      settings.collectTime = 0
      let engines = (0..<2).map {
        Engine(info: RankInfo(rank: $0, size: 2, hosts: ["a", "b"]), settings: settings, now: 0)
      }
      let values = UnsafeMutablePointer<Float>.allocate(capacity: 64)
      defer { values.deallocate() }
      values.initialize(repeating: 1, count: 64)
      for engine in engines {
        var operation = CollectiveOperation(.sum, name: "s", step: 1, count: 64)
        operation.buffers = [UnsafeMutableRawPointer(values)]
        _ = engine.submit(operation, now: 1)
        engine.tick(now: 600_000_000)
      }
      for turn in 0..<20 {
        let isControl = random.once(in: 2)
        deliver(
          from: engines[1], isControl ? .control(0) : .data(0), to: engines[0], isControl ? .control(1) : .data(1),
          &random)
        engines[0].tick(now: 600_000_001 + UInt64(turn))
      }
      if let verdict = engines[0].verdict { #expect(verdict.rank == 1, "\(verdict)") }
    }
  }

  /// Moves what one engine sends to the other, changed: as bytes, or as fields of a frame that is then signed again.
  private func deliver(
    from sender: Engine, _ out: Link, to receiver: Engine, _ into: Link, _ random: inout SplitMix
  ) {
    let window = sender.sendWindow(out)
    var bytes = Array(window.header) + Array(window.payload)
    if bytes.isEmpty { return }
    sender.sent(bytes.count, on: out, now: 600_000_000)
    if bytes.count >= Frame.bytes, random.once(in: 2) {
      bytes.withUnsafeMutableBytes { all in
        guard var frame = try? Frame(decoding: all.baseAddress!) else { return }
        switch random.below(6) {
        case 0: frame.length = random.once(in: 2) ? random.below(1 << 32) : frame.length + 1 - random.below(3)
        case 1: frame.operation = random.next()
        case 2: frame.signature ^= 1
        case 3: frame.offset = random.next()
        case 4: frame.source = random.below(1 << 16)
        default: frame.sequence &+= 1
        }
        frame.length = max(0, frame.length)
        frame.encode(to: all.baseAddress!)
      }
    } else {
      bytes = mutated(bytes, &random)
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let room = receiver.receiveWindow(into)
      if room.isEmpty { return }
      let piece = rest.prefix(room.count)
      room.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      receiver.received(piece.count, on: into, now: 600_000_000)
    }
  }
}
