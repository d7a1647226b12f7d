import Bootstrap
import Foundation
import Testing
import Transport

@Suite("Records")
struct RecordTests {
  /// Both ends of a connection, and what an eavesdropper in the middle holds: two sockets between which it carries bytes.
  private struct Line {
    let client: RecordTransport
    let server: RecordTransport
    let (clientSide, serverSide): (Socket, Socket)

    /// - Parameter other: gives the server the keys of another connection.
    init(isEncrypted: Bool, other: Bool = false) throws {
      let (near, nearMiddle) = try Socket.pair()
      let (farMiddle, far) = try Socket.pair()
      let keys = Self.keys(seed: 2)
      client = RecordTransport(over: near, keys: keys.client, isClient: true, isEncrypted: isEncrypted)
      server = RecordTransport(
        over: far, keys: other ? Self.keys(seed: 3).server : keys.server, isClient: false, isEncrypted: isEncrypted)
      (clientSide, serverSide) = (nearMiddle, farMiddle)
    }

    /// What both sides of a handshake have when the server's ephemeral keys are those of the seed.
    private static func keys(seed: UInt64) -> (client: SessionKeys, server: SessionKeys) {
      var middle = Middle(
        client: Handshake(
          client: HandshakeTests.subject, terms: HandshakeTests.terms, ephemeral: HandshakeTests.ephemeral(1)),
        server: Handshake(
          ephemeral: HandshakeTests.ephemeral(seed), server: { _ in .terms(HandshakeTests.terms) }))
      middle.run()
      return (middle.client.sessionKeys, middle.server.sessionKeys)
    }

    /// Carries what waits in the middle on, as `change` leaves it; returns it as it was.
    func carry(_ change: ([UInt8]) -> [UInt8] = { $0 }) -> [UInt8] {
      var room = [UInt8](repeating: 0, count: 1 << 20)
      guard case .moved(let count) = room.withUnsafeMutableBytes({ clientSide.receive($0) }) else { return [] }
      let seen = Array(room[..<count])
      change(seen).withUnsafeBytes { _ = serverSide.send(SendWindow(header: $0)) }
      return seen
    }
  }

  private func send(_ bytes: [UInt8], over wire: RecordTransport) -> Transfer {
    bytes.withUnsafeBytes { all in
      let cut = min(7, all.count)
      return wire.send(
        SendWindow(
          header: UnsafeRawBufferPointer(rebasing: all[..<cut]), payload: UnsafeRawBufferPointer(rebasing: all[cut...]))
      )
    }
  }

  private func receive(_ count: Int, from wire: RecordTransport) -> (bytes: [UInt8], end: String?) {
    var room = [UInt8](repeating: 0, count: count)
    switch room.withUnsafeMutableBytes({ wire.receive($0) }) {
    case .moved(let count): return (Array(room[..<count]), nil)
    case .wouldBlock: return ([], nil)
    case .ended(let end): return ([], end.words)
    }
  }

  @Test(
    "carry what was sent; if they are encrypted, their bytes show nothing of it",
    arguments: [1, 7, 8, 1000, 52_448, 52_449, 70_000], [false, true])
  func roundTrip(count: Int, isEncrypted: Bool) throws {
    let line = try Line(isEncrypted: isEncrypted)
    let text = [UInt8](repeating: 0x41, count: count)
    var (sent, arrived) = (0, [UInt8]())
    while sent < count {
      guard case .moved(let taken) = send(Array(text[sent...]), over: line.client) else { break }
      sent += taken
      let seen = line.carry()
      #expect(seen.count == taken + 20)
      // A run of eight equal bytes is what one such text in 2⁵⁶ would show by chance.
      let shows = String(decoding: seen, as: UTF8.self).contains("AAAAAAAA")
      #expect(shows == (!isEncrypted && taken >= 8))
      while arrived.count < sent {
        let piece = receive(999, from: line.server).bytes
        if piece.isEmpty { break }
        arrived += piece
      }
    }
    #expect(arrived == text)
  }

  @Test(
    "take as many pieces as fit, and arrive whole however the bytes are cut", arguments: [1, 3, 5, 100], [false, true])
  func pieces(cut: Int, isEncrypted: Bool) throws {
    let line = try Line(isEncrypted: isEncrypted)
    let text = (0..<50).map { UInt8($0) }
    var window = SendWindow()
    text.withUnsafeBytes { all in
      window.header = UnsafeRawBufferPointer(rebasing: all[..<10])
      window.payload = UnsafeRawBufferPointer(rebasing: all[10..<20])
      window.behind = [UnsafeRawBufferPointer(rebasing: all[20..<30]), UnsafeRawBufferPointer(rebasing: all[30...])]
      guard case .moved(50) = line.client.send(window) else { return }
      window.behind = []
      guard case .moved(20) = line.client.send(window) else { return }
    }
    let seen = line.carry { _ in [] }
    #expect(seen.count == 50 + 20 + 40)
    var (rest, arrived) = (seen[...], [UInt8]())
    while !rest.isEmpty {
      rest.prefix(cut).withUnsafeBytes { _ = line.serverSide.send(SendWindow(header: $0)) }
      rest = rest.dropFirst(cut)
      while true {
        let piece = receive(7, from: line.server)
        #expect(piece.end == nil)
        if piece.bytes.isEmpty { break }
        arrived += piece.bytes
      }
    }
    #expect(arrived == text + text[..<20])
  }

  @Test("show two equal messages as different bytes")
  func counters() throws {
    let line = try Line(isEncrypted: true)
    var seen: [[UInt8]] = []
    for _ in 0..<2 {
      _ = send(Array("the same message".utf8), over: line.client)
      seen.append(line.carry())
      #expect(receive(100, from: line.server).bytes == Array("the same message".utf8))
    }
    #expect(seen[0] != seen[1])
  }

  @Test("notice every single flipped bit, and hand on nothing of what was changed", arguments: 0..<30, [false, true])
  func flips(byte: Int, isEncrypted: Bool) throws {
    for bit in 0..<8 {
      let line = try Line(isEncrypted: isEncrypted)
      _ = send(Array("ten bytes.".utf8), over: line.client)
      _ = line.carry { bytes in
        var damaged = bytes
        damaged[byte] ^= 1 << UInt8(bit)
        return damaged
      }
      let got = receive(100, from: line.server)
      // A longer length makes it wait for more, which never comes; everything else is noticed at once.
      #expect(got.bytes.isEmpty && (got.end != nil || byte < 4), "byte \(byte), bit \(bit)")
    }
  }

  private static let notGenuine = "a record that is not genuine"

  @Test("notice a record that comes twice, not at all, or before its turn", arguments: [false, true])
  func orders(isEncrypted: Bool) throws {
    let twice = try Line(isEncrypted: isEncrypted)
    _ = send([1, 2, 3], over: twice.client)
    _ = twice.carry { $0 + $0 }
    #expect(receive(100, from: twice.server).bytes == [1, 2, 3])
    #expect(receive(100, from: twice.server).end == Self.notGenuine)

    let never = try Line(isEncrypted: isEncrypted)
    _ = send([1, 2, 3], over: never.client)
    _ = never.carry { _ in [] }
    _ = send([4, 5, 6], over: never.client)
    _ = never.carry()
    #expect(receive(100, from: never.server).end == Self.notGenuine)

    let swapped = try Line(isEncrypted: isEncrypted)
    _ = send([1, 2, 3], over: swapped.client)
    _ = send([4, 5, 6], over: swapped.client)
    _ = swapped.carry { Array($0[23...] + $0[..<23]) }
    #expect(receive(100, from: swapped.server).end == Self.notGenuine)
  }

  @Test("do not pass from one connection to another, nor back to their sender", arguments: [false, true])
  func splices(isEncrypted: Bool) throws {
    let line = try Line(isEncrypted: isEncrypted, other: true)
    _ = send([1, 2, 3], over: line.client)
    _ = line.carry()
    #expect(receive(100, from: line.server).end == Self.notGenuine)

    let mirror = try Line(isEncrypted: isEncrypted)
    _ = send([1, 2, 3], over: mirror.client)
    let seen = mirror.carry { _ in [] }
    seen.withUnsafeBytes { _ = mirror.clientSide.send(SendWindow(header: $0)) }
    #expect(receive(100, from: mirror.client).end == Self.notGenuine)
  }

  @Test(
    "carry a job, and name the rank whose bytes were changed on the way; with checksums alone, too",
    arguments: [["LOCKSTEP_ENCRYPT": "1"], [:], ["LOCKSTEP_INTEGRITY": "checksum"]])
  func processes(protection: [String: String]) async throws {
    let environment = protection.merging(["LOCKSTEP_PROBE_LINKS": "tcp"]) { $1 }
    let result = try await Job(environment: environment).run()
    #expect(result.statuses == [0: 0, 1: 0, 2: 0], "\(result.words)")
    let fault = ["LOCKSTEP_FAULT": "rank:1,point:reduce-scatter,number:4,do:corrupt"]
    let spoiled = try await Job(
      scenario: "job", operations: 6, environment: environment.merging(fault) { $1 }
    ).run()
    #expect(spoiled.statuses == [0: 75, 1: 75, 2: 75], "\(spoiled.words)")
    let words = protection[JobEnvironment.integrity] == nil ? "genuine" : "checksum"
    for rank in 0..<3 {
      let verdict = try #require(spoiled.verdicts[rank])
      #expect(verdict.rank == 1 && verdict.cause == .corrupted && verdict.detail.contains(words), "\(verdict)")
    }
  }
}
