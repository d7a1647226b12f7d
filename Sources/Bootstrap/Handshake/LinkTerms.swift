import Crypto
import Transport

/// What both ends of a connection must hold alike before its handshake.
package struct LinkTerms: Sendable {
  /// The mark of the job, different from all others': 32 bytes that are not secret.
  package var job: [UInt8]
  /// What no third party knows: the job's secret, or what two ranks make of their keys.
  package var secret: [UInt8]
  package var protection: Protection

  /// - Parameter job: its name, of any length.
  package init(job: [UInt8] = [], secret: [UInt8], protection: Protection = .checksum) {
    self.job = Array(SHA256.hash(data: job))
    self.secret = secret
    self.protection = protection
  }
}

/// The nonce and the key pair that one end uses for one handshake and then forgets: without them nobody can read what was recorded.
package struct Ephemeral: Sendable {
  let nonce: [UInt8]
  let key: Curve25519.KeyAgreement.PrivateKey

  /// A fresh one.
  package init() {
    nonce = Nonce.fresh()
    key = Curve25519.KeyAgreement.PrivateKey()
  }

  /// A given one; nil unless both have 32 bytes.
  package init?(nonce: [UInt8], privateKey: [UInt8]) {
    guard nonce.count == 32, let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: privateKey) else {
      return nil
    }
    (self.nonce, self.key) = (nonce, key)
  }

  package var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

  /// What it has in common with the holder of a public key; nil for a key that is not one.
  package func agreement(with publicKey: [UInt8]) -> [UInt8]? { key.agreement(with: publicKey) }
}

extension Curve25519.KeyAgreement.PrivateKey {
  /// The 32 bytes that this key and another's public one have in common (RFC 7748); nil for a public key that gives the same
  /// bytes with every private one, and for this key's own.
  func agreement(with publicKey: [UInt8]) -> [UInt8]? {
    guard let other = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey),
      other.rawRepresentation != self.publicKey.rawRepresentation,
      let shared = try? sharedSecretFromKeyAgreement(with: other)
    else { return nil }
    let bytes = shared.withUnsafeBytes { Array($0) }
    return bytes.allSatisfy { $0 == 0 } ? nil : bytes
  }
}
