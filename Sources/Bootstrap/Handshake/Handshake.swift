import Crypto

/// The agreement, on a fresh connection, on keys that only its two ends know; a pure state machine for either side.
///
///     connector                                                          acceptor
///     HELLO   magic u32, version u16, kind u8, protection u8,
///             epoch u32, source u16, destination u16,
///             job [32], nonce [32], ephemeral public key [32]      →
///                           ←   CHALLENGE   nonce [32], ephemeral public key [32], HMAC(server, transcript)
///     PROOF   HMAC(client, transcript)                             →
///                                                        ←   WELCOME   HMAC(welcome, transcript)
///
///     transcript = HELLO | the acceptor's nonce | the acceptor's public key
///     master     = HKDF-Extract(salt: SHA-256(transcript), X25519(both ephemeral keys) | secret)
///     server, client, welcome, and the keys of what follows = HKDF-Expand(master, purpose and direction)
///
/// The secret is the job's own, or what two ranks make of the keys in their peer info (see `JobCredential`). Whoever lacks it has no
/// key for a proof, whatever it changes, repeats or passes on. Whoever learns it later lacks the ephemeral keys, which are gone.
/// A message of another connection, job, attempt, pair, direction or kind does not fit the transcript.
package struct Handshake {
  /// What the acceptor says to a subject.
  package enum Answer {
    case terms(LinkTerms)
    /// Why it does not belong here.
    case refused(String)
  }

  /// What the bytes that came brought about.
  package enum Outcome: Equatable {
    case goesOn
    case done(HandshakeSubject)
    case refused(String)
  }

  private enum State { case awaitingHello, awaitingChallenge, awaitingProof, awaitingWelcome, over }

  private static let challengeBytes = 96
  private static let proofBytes = 32
  private static let noSecret = "the other side does not hold the job's secret, or somebody changed what it said"

  private var state: State
  private var subject: HandshakeSubject?
  private var terms: LinkTerms?
  private var transcript: [UInt8] = []
  private var keys: SessionKeys?
  private var incoming: [UInt8] = []
  private let ephemeral: Ephemeral
  private let answer: (HandshakeSubject) -> Answer
  /// Bytes to send, in order; the owner takes them away.
  package var outgoing: [UInt8] = []

  /// The side that connects.
  package init(client subject: HandshakeSubject, terms: LinkTerms, ephemeral: Ephemeral = Ephemeral()) {
    self.subject = subject
    self.terms = terms
    self.ephemeral = ephemeral
    answer = { _ in .terms(terms) }
    state = .awaitingChallenge
    transcript = Greeting(subject, terms, ephemeral).encoded
    outgoing = transcript
  }

  /// The side that was connected to. `answer` gives the terms for a subject that belongs here.
  package init(ephemeral: Ephemeral = Ephemeral(), server answer: @escaping (HandshakeSubject) -> Answer) {
    self.ephemeral = ephemeral
    self.answer = answer
    state = .awaitingHello
  }

  /// How many bytes the next message of the other side still lacks.
  package var wanted: Int {
    switch state {
    case .awaitingHello: Greeting.bytes - incoming.count
    case .awaitingChallenge: Self.challengeBytes - incoming.count
    case .awaitingProof, .awaitingWelcome: Self.proofBytes - incoming.count
    case .over: 0
    }
  }

  /// What it means that the other side ended the connection now, in words.
  package func words(ofEnd words: String) -> String {
    state == .awaitingProof ? "it went away at our proof, as one does that holds another secret" : words
  }

  /// Keys for what follows; the same on both sides once the handshake is done.
  package var sessionKeys: SessionKeys {
    guard state == .over, let keys else { preconditionFailure("keys were asked for in the middle of a handshake") }
    return keys
  }

  /// How what follows is to be protected: both sides have proven that they mean the same.
  package var protection: Protection {
    guard let terms else { preconditionFailure("the protection was asked for before the greeting") }
    return terms.protection
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
    case .awaitingChallenge: return challenge(message)
    case .awaitingProof:
      guard isProof(message, "client", fromClient: true) else { return refuse(Self.noSecret) }
      outgoing += proof("welcome", fromClient: false)
      return finish()
    case .awaitingWelcome:
      let isGenuine = isProof(message, "welcome", fromClient: false)
      return isGenuine ? finish() : refuse("the other side's welcome is not genuine")
    case .over: return .refused("the handshake is over")
    }
  }

  private mutating func hello(_ message: [UInt8]) -> Outcome {
    let greeting: Greeting
    do throws(Greeting.Fault) {
      greeting = try Greeting(decoding: message)
    } catch {
      let isAlien = error == .alien
      return refuse(isAlien ? "bytes that are not a greeting" : "it runs another version of this program")
    }
    switch answer(greeting.subject) {
    case .refused(let objection): return refuse(objection)
    case .terms(let terms):
      guard greeting.job == terms.job else { return refuse("it belongs to another job") }
      guard greeting.protection == terms.protection.rawValue else {
        return refuse("it protects the connection in another way")
      }
      self.terms = terms
    }
    subject = greeting.subject
    transcript = message + ephemeral.nonce + ephemeral.publicKey
    guard derive(from: greeting.publicKey) else { return refuse("its public key is not one") }
    outgoing += ephemeral.nonce + ephemeral.publicKey + proof("server", fromClient: false)
    state = .awaitingProof
    return .goesOn
  }

  private mutating func challenge(_ message: [UInt8]) -> Outcome {
    transcript += message[..<64]
    guard derive(from: Array(message[32..<64])) else { return refuse("its public key is not one") }
    guard isProof(Array(message[64...]), "server", fromClient: false) else { return refuse(Self.noSecret) }
    outgoing += proof("client", fromClient: true)
    state = .awaitingWelcome
    return .goesOn
  }

  private mutating func derive(from publicKey: [UInt8]) -> Bool {
    guard let terms else { preconditionFailure("keys were derived before the greeting") }
    keys = SessionKeys(own: ephemeral, other: publicKey, secret: terms.secret, transcript: transcript)
    return keys != nil
  }

  private mutating func refuse(_ reason: String) -> Outcome {
    state = .over
    keys = nil
    return .refused(reason)
  }

  private mutating func finish() -> Outcome {
    state = .over
    return .done(subject!)
  }

  private func proof(_ purpose: String, fromClient: Bool) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: transcript, using: keys!.key(for: purpose, fromClient: fromClient)))
  }

  private func isProof(_ code: [UInt8], _ purpose: String, fromClient: Bool) -> Bool {
    let key = keys!.key(for: purpose, fromClient: fromClient)
    return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: transcript, using: key)
  }
}
