import Crypto
import Transport

/// A message on a proven connection before the engine takes over: length u32, body, HMAC-SHA256 of the body.
package enum Envelope {
  private static let codeBytes = 32

  package static func seal(_ body: [UInt8], with key: SymmetricKey) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt32(body.count))
    writer.append(body)
    writer.append(HMAC<SHA256>.authenticationCode(for: body, using: key))
    return writer.bytes
  }

  /// Takes an envelope in as it comes, piece by piece.
  package struct Opening {
    package enum Outcome: Equatable {
      case goesOn
      case body([UInt8])
      case refused(String)
    }

    private let key: SymmetricKey
    private let limit: Int
    private var bytes: [UInt8] = []

    package init(key: SymmetricKey, limit: Int) {
      self.key = key
      self.limit = limit
    }

    /// How many more bytes to ask for: memory grows with what has come, not with what was announced.
    package var wanted: Int { min(64 << 10, total - bytes.count) }

    private var total: Int { length.map { 4 + $0 + Envelope.codeBytes } ?? 4 }

    private var length: Int? {
      bytes.count < 4 ? nil : bytes[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    package mutating func receive(_ arrived: some Collection<UInt8>) -> Outcome {
      precondition(arrived.count <= wanted, "\(arrived.count) bytes where \(wanted) are wanted")
      bytes += arrived
      if let length, length > limit { return .refused("a message of \(length) bytes, where \(limit) are allowed") }
      guard length != nil, bytes.count == total else { return .goesOn }
      let body = Array(bytes[4..<bytes.count - Envelope.codeBytes])
      guard
        HMAC<SHA256>.isValidAuthenticationCode(
          Array(bytes.suffix(Envelope.codeBytes)), authenticating: body, using: key)
      else { return .refused("a message that is not genuine") }
      return .body(body)
    }
  }
}
