import Collectives
import Foundation
import Testing

@Suite("Encrypted links")
struct EncryptionTests {
  /// Both ends of a connection, and what an eavesdropper in the middle holds: two sockets between which it carries bytes.
  private struct Line {
    let client: EncryptedWire
    let server: EncryptedWire
    let (clientSide, serverSide): (Socket, Socket)

    /// - Parameter other: gives the server the keys of another connection.
    init(other: Bool = false) throws {
      let (near, nearMiddle) = try Socket.pair()
      let (farMiddle, far) = try Socket.pair()
      client = EncryptedWire(near, keys: Self.keys(nonce: 2), isClient: true)
      server = EncryptedWire(far, keys: Self.keys(nonce: other ? 3 : 2), isClient: false)
      (clientSide, serverSide) = (nearMiddle, farMiddle)
    }

    /// What both sides of a handshake have when the server's nonce is this one.
    private static func keys(nonce: UInt8) -> SessionKeys {
      let subject = Handshake.Subject(source: 1, destination: 0, epoch: 0, kind: .data)
      let secret = [UInt8](repeating: 5, count: 32)
      var client = Handshake(client: subject, secret: secret, nonce: [UInt8](repeating: 1, count: 32))
      var server = Handshake(serverWith: secret, nonce: [UInt8](repeating: nonce, count: 32)) { _ in nil }
      for _ in 0..<2 {
        if !client.outgoing.isEmpty { _ = server.receive(client.outgoing) }
        client.outgoing = []
        if !server.outgoing.isEmpty { _ = client.receive(server.outgoing) }
        server.outgoing = []
      }
      return client.sessionKeys
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

  private func send(_ bytes: [UInt8], over wire: EncryptedWire) -> Transfer {
    bytes.withUnsafeBytes { all in
      let cut = min(7, all.count)
      return wire.send(
        SendWindow(
          header: UnsafeRawBufferPointer(rebasing: all[..<cut]), payload: UnsafeRawBufferPointer(rebasing: all[cut...]))
      )
    }
  }

  private func receive(_ count: Int, from wire: EncryptedWire) -> (bytes: [UInt8], end: String?) {
    var room = [UInt8](repeating: 0, count: count)
    switch room.withUnsafeMutableBytes({ wire.receive($0) }) {
    case .moved(let count): return (Array(room[..<count]), nil)
    case .wouldBlock: return ([], nil)
    case .ended(let end): return ([], end.words)
    }
  }

  @Test("carry what was sent, in records whose bytes show nothing of it", arguments: [1, 7, 8, 1000, 65_536, 70_000])
  func roundTrip(count: Int) throws {
    let line = try Line()
    let text = [UInt8](repeating: 0x41, count: count)
    var (sent, arrived) = (0, [UInt8]())
    while sent < count {
      guard case .moved(let taken) = send(Array(text[sent...]), over: line.client) else { break }
      sent += taken
      let seen = line.carry()
      #expect(seen.count == taken + 20)
      // A run of eight equal bytes is what one such text in 2⁵⁶ would show by chance.
      #expect(!String(decoding: seen, as: UTF8.self).contains("AAAAAAAA"))
      while arrived.count < sent {
        let piece = receive(999, from: line.server).bytes
        if piece.isEmpty { break }
        arrived += piece
      }
    }
    #expect(arrived == text)
  }

  @Test("show two equal messages as different bytes")
  func counters() throws {
    let line = try Line()
    var seen: [[UInt8]] = []
    for _ in 0..<2 {
      _ = send(Array("the same message".utf8), over: line.client)
      seen.append(line.carry())
      #expect(receive(100, from: line.server).bytes == Array("the same message".utf8))
    }
    #expect(seen[0] != seen[1])
  }

  @Test("notice every single flipped bit", arguments: 0..<30)
  func flips(byte: Int) throws {
    for bit in 0..<8 {
      let line = try Line()
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

  @Test("notice a record that comes twice, or not at all")
  func replay() throws {
    let twice = try Line()
    _ = send([1, 2, 3], over: twice.client)
    _ = twice.carry { $0 + $0 }
    #expect(receive(100, from: twice.server).bytes == [1, 2, 3])
    #expect(receive(100, from: twice.server).end == "a record that is not genuine")

    let never = try Line()
    _ = send([1, 2, 3], over: never.client)
    _ = never.carry { _ in [] }
    _ = send([4, 5, 6], over: never.client)
    _ = never.carry()
    #expect(receive(100, from: never.server).end == "a record that is not genuine")
  }

  @Test("cannot be read with the keys of another connection")
  func otherKeys() throws {
    let line = try Line(other: true)
    _ = send([1, 2, 3], over: line.client)
    _ = line.carry()
    #expect(receive(100, from: line.server).end == "a record that is not genuine")
  }

  @Test("carry a job, and name the rank whose bytes were changed on the way")
  func processes() async throws {
    let encrypted = [JobEnvironment.encrypt: "1", "LOCKSTEP_PROBE_LINKS": "tcp"]
    let result = try await Job(environment: encrypted).run()
    #expect(result.statuses == [0: 0, 1: 0, 2: 0], "\(result.words)")
    let fault = ["LOCKSTEP_FAULT": "rank:1,point:reduce-scatter,number:4,do:corrupt"]
    let spoiled = try await Job(
      scenario: "job", operations: 6, environment: encrypted.merging(fault) { $1 }
    ).run()
    #expect(spoiled.statuses == [0: 75, 1: 75, 2: 75], "\(spoiled.words)")
    for rank in 0..<3 {
      let verdict = try #require(spoiled.verdicts[rank])
      #expect(verdict.rank == 1 && verdict.cause == .corrupted && verdict.detail.contains("genuine"), "\(verdict)")
    }
  }
}
