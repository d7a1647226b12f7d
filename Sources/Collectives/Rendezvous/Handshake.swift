import Crypto

/// The proof, on a fresh connection, that both ends hold the job's secret; a pure state machine for either side.
///
///     client → server   HELLO      magic u32, version u16, kind u8, 0, epoch u32, source u16, destination u16, nonce [32], zero [16]
///     server → client   CHALLENGE  nonce [32], HMAC(secret, "server" + HELLO + nonce)
///     client → server   PROOF      HMAC(secret, "client" + …)
///     server → client   WELCOME    HMAC(secret, "welcome" + …)
package struct Handshake {
  /// Which connection this is to become.
  package struct Subject: Equatable {
    package var source: Int
    package var destination: Int
    package var epoch: UInt32
    package var kind: Kind

    /// What it is for. Raw values travel.
    package enum Kind: UInt8 {
      case data
      case control
      /// To hand in a card and get everyone's, where there is no process manager.
      case rendezvous
    }

    package init(source: Int, destination: Int, epoch: UInt32, kind: Kind) {
      self.source = source
      self.destination = destination
      self.epoch = epoch
      self.kind = kind
    }
  }

  /// What the bytes that came brought about.
  package enum Outcome: Equatable {
    case goesOn
    case done(Subject)
    case refused(String)
  }

  private enum State { case awaitingHello, awaitingChallenge, awaitingProof, awaitingWelcome, over }

  private static let magic: UInt32 = 0x4853_534c  // "LSSH"
  private static let helloBytes = 64

  private let key: SymmetricKey
  private var state: State
  private var subject: Subject?
  private var transcript: [UInt8] = []
  private var incoming: [UInt8] = []
  private let nonce: [UInt8]
  private let accepts: (Subject) -> String?
  /// Bytes to send, in order; the owner takes them away.
  package var outgoing: [UInt8] = []

  /// The side that connects.
  package init(client subject: Subject, secret: [UInt8], nonce: [UInt8]) {
    key = SymmetricKey(data: secret)
    self.subject = subject
    self.nonce = nonce
    accepts = { _ in nil }
    state = .awaitingChallenge
    transcript = Self.hello(subject, nonce: nonce)
    outgoing = transcript
  }

  /// The side that was connected to. `accepts` says why a subject does not belong here, or nil if it does.
  package init(serverWith secret: [UInt8], nonce: [UInt8], accepts: @escaping (Subject) -> String?) {
    key = SymmetricKey(data: secret)
    self.nonce = nonce
    self.accepts = accepts
    state = .awaitingHello
  }

  /// How many bytes the next message of the other side still lacks.
  package var wanted: Int {
    switch state {
    case .awaitingHello, .awaitingChallenge: Self.helloBytes - incoming.count
    case .awaitingProof, .awaitingWelcome: 32 - incoming.count
    case .over: 0
    }
  }

  /// What it means that the other side ended the connection now, in words.
  package func words(ofEnd words: String) -> String {
    state == .awaitingProof ? "it went away at our proof, as one does that holds another secret" : words
  }

  /// Keys for what follows; the same on both sides once the handshake is done.
  package var sessionKeys: SessionKeys {
    precondition(state == .over && subject != nil, "keys were asked for in the middle of a handshake")
    return SessionKeys(secret: key, transcript: transcript)
  }

  /// Takes bytes of the other side, at most `wanted`.
  package mutating func receive(_ bytes: some Collection<UInt8>) -> Outcome {
    precondition(bytes.count <= wanted, "\(bytes.count) bytes where \(wanted) are wanted")
    incoming += bytes
    guard wanted == 0 else { return .goesOn }
    defer { incoming = [] }
    let message = incoming
    switch state {
    case .awaitingHello: return hello(message)
    case .awaitingChallenge:
      transcript += message[..<32]
      guard isProof(message[32...], "server") else { return refuse("the other side does not hold the job's secret") }
      outgoing += proof("client")
      state = .awaitingWelcome
      return .goesOn
    case .awaitingProof:
      guard isProof(message[...], "client") else { return refuse("the other side does not hold the job's secret") }
      outgoing += proof("welcome")
      return finish()
    case .awaitingWelcome:
      return isProof(message[...], "welcome") ? finish() : refuse("the other side's welcome is not genuine")
    case .over: return .refused("the handshake is over")
    }
  }

  private mutating func hello(_ message: [UInt8]) -> Outcome {
    guard let subject = Self.subject(of: message) else { return refuse("bytes that are no greeting") }
    if let objection = accepts(subject) { return refuse(objection) }
    self.subject = subject
    transcript = message + nonce
    outgoing += nonce + proof("server")
    state = .awaitingProof
    return .goesOn
  }

  private mutating func refuse(_ reason: String) -> Outcome {
    state = .over
    return .refused(reason)
  }

  private mutating func finish() -> Outcome {
    state = .over
    return .done(subject!)
  }

  private func proof(_ label: String) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(label.utf8) + transcript, using: key))
  }

  private func isProof(_ code: ArraySlice<UInt8>, _ label: String) -> Bool {
    HMAC<SHA256>.isValidAuthenticationCode(Array(code), authenticating: Array(label.utf8) + transcript, using: key)
  }

  private static func hello(_ subject: Subject, nonce: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(magic)
    writer.write(Card.version)
    writer.write(subject.kind.rawValue)
    writer.write(UInt8(0))
    writer.write(subject.epoch)
    writer.write(UInt16(subject.source))
    writer.write(UInt16(subject.destination))
    writer.append(nonce)
    writer.append([UInt8](repeating: 0, count: helloBytes - writer.bytes.count))
    return writer.bytes
  }

  private static func subject(of message: [UInt8]) -> Subject? {
    var reader = ByteReader(message)
    guard (try? reader.read(UInt32.self)) == magic, (try? reader.read(UInt16.self)) == Card.version,
      let code = try? reader.read(UInt8.self), let kind = Subject.Kind(rawValue: code),
      (try? reader.read(UInt8.self)) == 0, let epoch = try? reader.read(UInt32.self),
      let source = try? reader.read(UInt16.self), let destination = try? reader.read(UInt16.self)
    else { return nil }
    return Subject(source: Int(source), destination: Int(destination), epoch: epoch, kind: kind)
  }
}
