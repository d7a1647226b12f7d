import Crypto

/// Keys that only the two ends of one connection can know: derived from the job's secret and both ends' nonces (HKDF-SHA256).
package struct SessionKeys {
  private let master: SymmetricKey
  private let salt: [UInt8]

  init(secret: SymmetricKey, transcript: [UInt8]) {
    master = secret
    salt = Array(SHA256.hash(data: transcript))
  }

  /// The 256-bit key for one purpose and one direction.
  package func key(for purpose: String, fromClient: Bool) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: master, salt: salt,
      info: Array("lockstep \(purpose) \(fromClient ? "from client" : "from server")".utf8), outputByteCount: 32)
  }
}
