import Collectives

/// How the bytes of a connection are protected on the way. Raw values travel.
package enum Protection: UInt8, Sendable {
  /// CRC-32C of every frame: against accidents alone.
  case checksum
  /// A tag on every record: nobody can change, drop, repeat or reorder bytes without being noticed, but all can read them.
  case authenticated
  /// Nobody else can read them either.
  case encrypted
}

/// Which connections of a job are protected in which way; the same on all ranks.
package struct ProtectionPolicy: Equatable, Sendable {
  /// Which connections are encrypted. Raw values travel.
  package enum Encryption: UInt8, Sendable {
    case never, betweenHosts, always
  }

  package var encryption = Encryption.betweenHosts
  /// Whether connections that are not encrypted carry tags; else checksums.
  package var authenticates = true

  package init(encryption: Encryption = .betweenHosts, authenticates: Bool = true) {
    self.encryption = encryption
    self.authenticates = authenticates
  }

  /// Reads `LOCKSTEP_ENCRYPT` and `LOCKSTEP_INTEGRITY`.
  package init(encrypt: String?, integrity: String?) throws(GroupError) {
    switch encrypt {
    case nil: encryption = .betweenHosts
    case "0": encryption = .never
    case "1": encryption = .always
    case let text?:
      throw .layout(
        reason: "\(JobEnvironment.encrypt) is '\(text)'",
        advice: "give 1 for all connections or 0 for none; those between hosts are encrypted without it")
    }
    switch integrity {
    case nil, "authenticated": authenticates = true
    case "checksum": authenticates = false
    case let text?:
      throw .layout(
        reason: "\(JobEnvironment.integrity) is '\(text)'", advice: "give authenticated or checksum")
    }
  }

  /// The protection of a connection between two ranks of one host, or of two.
  package func protection(insideHost: Bool) -> Protection {
    if encryption == .always || (encryption == .betweenHosts && !insideHost) { return .encrypted }
    return authenticates ? .authenticated : .checksum
  }

  /// The number that stands for it between ranks.
  var code: UInt8 { encryption.rawValue | (authenticates ? 4 : 0) }

  init?(code: UInt8) {
    guard code < 8, let encryption = Encryption(rawValue: code & 3) else { return nil }
    self.init(encryption: encryption, authenticates: code & 4 != 0)
  }
}
