import Collectives
import Crypto
import Transport

/// By what the ranks of a job know each other, once everyone's peer info is there.
///
///     job             SHA-256 of everyone's peer info: ranks with different peer info do not connect
///     with a secret   every pair proves that it holds it
///     without         every pair makes its own secret from the two keys in its peer info: X25519, then HKDF-SHA256 over both
///                     ranks and both keys. It is worth as much as the way by which the peer info came.
package struct JobCredential {
  /// The proof that a rank itself brings.
  package enum Proof {
    case secret([UInt8])
    /// The private key that belongs to the key in its peer info.
    case key(Ephemeral)
  }

  private var terms: [LinkTerms] = []

  /// - Throws: `GroupError.layout` for peer info whose key is not one.
  package init(rank: Int, peerInfos: [PeerInfo], proof: Proof) throws(GroupError) {
    var base = LinkTerms(job: peerInfos.flatMap { $0.encoded() }, secret: [])
    for (peer, peerInfo) in peerInfos.enumerated() {
      switch proof {
      case .secret(let shared): base.secret = shared
      case .key where peer == rank: base.secret = []
      case .key(let own):
        guard let agreement = own.agreement(with: peerInfo.key) else {
          throw .layout(
            reason: "the key in the peer info of rank \(peer) is not one", advice: "start the same binary on every host"
          )
        }
        base.secret = Self.pairSecret(agreement, (rank, peerInfos[rank].key), (peer, peerInfo.key))
      }
      base.protection = peerInfos[rank].policy.protection(insideHost: peerInfo.machine == peerInfos[rank].machine)
      terms.append(base)
    }
  }

  /// What the connections with another rank have in common.
  package func terms(with peer: Int) -> LinkTerms { terms[peer] }

  private static func pairSecret(
    _ agreement: [UInt8], _ one: (rank: Int, key: [UInt8]), _ other: (rank: Int, key: [UInt8])
  ) -> [UInt8] {
    let (low, high) = one.rank < other.rank ? (one, other) : (other, one)
    var writer = ByteWriter()
    writer.append("lockstep pair of ranks".utf8)
    writer.write(UInt16(low.rank))
    writer.write(UInt16(high.rank))
    writer.append(low.key + high.key)
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: agreement), info: writer.bytes, outputByteCount: 32)
    return key.withUnsafeBytes { Array($0) }
  }
}
