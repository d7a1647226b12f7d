import Collectives
import Crypto
import Transport

/// Peer info as a launcher's process manager carries it, whose messages may cross the network in the clear.
///
///     sealed u8, peer info, and where it is sealed: HMAC-SHA256 over rank u16, size u16 and peer info
///
/// With a secret file every rank seals its peer info, so that nobody can change where ranks connect to or what they compute. Without one
/// the launcher is trusted.
package enum CarriedPeerInfo {
  /// The reason why peer info that came cannot be used.
  package enum Fault: Error, Equatable { case truncated, hasNoSecret, hasSecret, forged }

  private static let codeBytes = 32

  package static func encode(_ peerInfo: [UInt8], rank: Int, size: Int, secret: [UInt8]?) -> [UInt8] {
    guard let secret else { return [0] + peerInfo }
    return [1] + peerInfo + Array(HMAC<SHA256>.authenticationCode(for: bound(peerInfo, rank, size), using: key(secret)))
  }

  /// Takes the peer info out again.
  /// - Parameter secret: this rank's own; all ranks must have one, or none.
  package static func decode(_ bytes: [UInt8], rank: Int, size: Int, secret: [UInt8]?) throws(Fault) -> [UInt8] {
    guard let isSealed = bytes.first, isSealed <= 1 else { throw .truncated }
    guard let secret else {
      if isSealed == 1 { throw .hasSecret }
      return Array(bytes.dropFirst())
    }
    guard isSealed == 1 else { throw .hasNoSecret }
    guard bytes.count > codeBytes else { throw .truncated }
    let peerInfo = Array(bytes.dropFirst().dropLast(codeBytes))
    let isGenuine = HMAC<SHA256>.isValidAuthenticationCode(
      Array(bytes.suffix(codeBytes)), authenticating: bound(peerInfo, rank, size), using: key(secret))
    guard isGenuine else { throw .forged }
    return peerInfo
  }

  private static func bound(_ peerInfo: [UInt8], _ rank: Int, _ size: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt16(rank))
    writer.write(UInt16(size))
    writer.append(peerInfo)
    return writer.bytes
  }

  private static func key(_ secret: [UInt8]) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret), info: Array("lockstep carried card".utf8), outputByteCount: 32)
  }
}

extension CarriedPeerInfo {
  /// The same, with what it means for the job that a rank's peer info cannot be used.
  static func open(_ bytes: [UInt8], rank: Int, size: Int, secret: [UInt8]?) throws(GroupError) -> [UInt8] {
    do throws(Fault) {
      return try decode(bytes, rank: rank, size: size, secret: secret)
    } catch {
      throw error.error(rank: rank)
    }
  }
}

extension CarriedPeerInfo.Fault {
  fileprivate func error(rank: Int) -> GroupError {
    let file = JobEnvironment.secretFile
    return switch self {
    case .truncated:
      .layout(
        reason: "rank \(rank) runs another version of this program", advice: "start the same binary on every host")
    case .hasSecret:
      .layout(
        reason: "rank \(rank) has a secret file and this rank does not", advice: "name the same \(file) on every host")
    case .hasNoSecret:
      .layout(
        reason: "rank \(rank) has no secret file and this rank does", advice: "name the same \(file) on every host")
    case .forged:
      .layout(
        reason: "what the launcher carried for rank \(rank) is sealed with another secret, or was changed on the way",
        advice: "give every host the same \(file); if they have it, somebody changes the launcher's messages")
    }
  }
}
