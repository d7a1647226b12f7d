import Bootstrap
import Collectives
import Testing

@Suite("By what ranks know each other")
struct CredentialTests {
  private func peerInfo(_ key: [UInt8], machine: String = "a", port: UInt16 = 1) -> PeerInfo {
    PeerInfo(
      addresses: ["10.0.0.1"], port: port, host: "h", machine: machine, process: 7, epoch: 1, fingerprint: "f", key: key
    )
  }

  private func shake(_ one: LinkTerms, _ other: LinkTerms) -> Int {
    var middle = Middle(
      client: Handshake(client: HandshakeTests.subject, terms: one), server: Handshake(server: { _ in .terms(other) }))
    middle.run()
    return middle.admitted
  }

  @Test("keys in peer info make a secret of every pair, which no third rank has")
  func pairs() throws {
    let ephemerals = (0..<3).map { HandshakeTests.ephemeral(UInt64($0)) }
    let peerInfos = ephemerals.map { peerInfo($0.publicKey) }
    let all = try (0..<3).map { rank in
      try JobCredential(rank: rank, peerInfos: peerInfos, proof: .key(ephemerals[rank]))
    }
    #expect(shake(all[2].terms(with: 0), all[0].terms(with: 2)) == 2)
    // Rank 1 poses as rank 2.
    #expect(shake(all[1].terms(with: 0), all[0].terms(with: 2)) == 0)
    let secrets = [all[0].terms(with: 1), all[0].terms(with: 2), all[1].terms(with: 2)].map(\.secret)
    #expect(Set(secrets).count == 3)
  }

  @Test("ranks that were told different peer info do not connect, even with one secret")
  func differentCards() throws {
    let keys = (0..<2).map { HandshakeTests.ephemeral(UInt64($0)).publicKey }
    let peerInfos = keys.map { peerInfo($0) }
    var changed = peerInfos
    changed[1] = peerInfo(keys[1], port: 2)
    func terms(_ rank: Int, _ peerInfos: [PeerInfo]) throws -> LinkTerms {
      try JobCredential(rank: rank, peerInfos: peerInfos, proof: .secret(HandshakeTests.secret)).terms(with: 1 - rank)
    }
    #expect(try shake(terms(1, peerInfos), terms(0, peerInfos)) == 2)
    #expect(try shake(terms(1, changed), terms(0, peerInfos)) == 0)
  }

  @Test("connections between hosts are encrypted, those inside a host carry tags, unless the launch says otherwise")
  func protections() throws {
    #expect(ProtectionPolicy().protection(insideHost: false) == .encrypted)
    #expect(ProtectionPolicy().protection(insideHost: true) == .authenticated)
    let plain = try ProtectionPolicy(encrypt: "0", integrity: "checksum")
    #expect([true, false].map { plain.protection(insideHost: $0) } == [.checksum, .checksum])
    let all = try ProtectionPolicy(encrypt: "1", integrity: nil)
    #expect([true, false].map { all.protection(insideHost: $0) } == [.encrypted, .encrypted])
    for (encrypt, integrity) in [("yes", nil), (nil, "none"), ("2", "checksum")] as [(String?, String?)] {
      let error = #expect(throws: GroupError.self) { try ProtectionPolicy(encrypt: encrypt, integrity: integrity) }
      #expect(error?.exitStatus == 78)
    }
  }

  @Test(
    "peer info that a launcher carries is sealed with the secret: every changed bit, another rank and another job show")
  func carried() throws {
    let peerInfo = peerInfo(HandshakeTests.bytes(1)).encoded()
    let secret = HandshakeTests.secret
    let carried = CarriedPeerInfo.encode(peerInfo, rank: 1, size: 2, secret: secret)
    #expect(try CarriedPeerInfo.decode(carried, rank: 1, size: 2, secret: secret) == peerInfo)
    for bit in 0..<carried.count * 8 {
      var damaged = carried
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: CarriedPeerInfo.Fault.self, "bit \(bit)") {
        try CarriedPeerInfo.decode(damaged, rank: 1, size: 2, secret: secret)
      }
    }
    func fault(_ rank: Int, _ size: Int, _ secret: [UInt8]?, _ bytes: [UInt8]) -> CarriedPeerInfo.Fault? {
      do throws(CarriedPeerInfo.Fault) {
        _ = try CarriedPeerInfo.decode(bytes, rank: rank, size: size, secret: secret)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault(0, 2, secret, carried) == .forged && fault(1, 3, secret, carried) == .forged)
    #expect(fault(1, 2, HandshakeTests.bytes(2), carried) == .forged && fault(1, 2, nil, carried) == .hasSecret)
    let open = CarriedPeerInfo.encode(peerInfo, rank: 1, size: 2, secret: nil)
    #expect(fault(1, 2, secret, open) == .hasNoSecret && fault(1, 2, nil, open) == nil)
    for count in 0..<33 { #expect(fault(1, 2, secret, Array(carried.prefix(count))) != nil) }
  }
}
