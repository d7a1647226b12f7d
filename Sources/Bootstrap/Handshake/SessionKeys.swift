import Crypto

/// Keys that only the two ends of one connection can know, for as long as both run (HKDF-SHA256, RFC 5869).
///
/// They depend on everything: the agreement of both ends' ephemeral keys, what both hold in common, and all that was said.
package struct SessionKeys {
  private let master: SymmetricKey

  /// Returns nil if the other end's public key is not one.
  init?(own: Ephemeral, other publicKey: [UInt8], secret: [UInt8], transcript: [UInt8]) {
    guard let agreement = own.agreement(with: publicKey) else { return nil }
    let code = HKDF<SHA256>.extract(
      inputKeyMaterial: SymmetricKey(data: agreement + secret), salt: Array(SHA256.hash(data: transcript)))
    master = SymmetricKey(data: Array(code))
  }

  /// The 256-bit key for one purpose and one direction.
  package func key(for purpose: String, fromClient: Bool) -> SymmetricKey {
    HKDF<SHA256>.expand(
      pseudoRandomKey: master.withUnsafeBytes { Array($0) },
      info: Array("lockstep \(purpose) \(fromClient ? "from client" : "from server")".utf8), outputByteCount: 32)
  }
}
