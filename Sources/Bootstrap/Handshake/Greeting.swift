import Transport

/// The first message of a handshake: which connection this is to become, and what its connector brings.
struct Greeting {
  private static let magic: UInt32 = 0x4853_534c  // "LSSH"
  static let bytes = 112

  var subject: HandshakeSubject
  var protection: UInt8
  var job: [UInt8]
  var nonce: [UInt8]
  var publicKey: [UInt8]

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.magic)
    writer.write(PeerInfo.version)
    writer.write(subject.kind.rawValue)
    writer.write(protection)
    writer.write(subject.epoch)
    writer.write(UInt16(subject.source))
    writer.write(UInt16(subject.destination))
    writer.append(job + nonce + publicKey)
    return writer.bytes
  }

  init(_ subject: HandshakeSubject, _ terms: LinkTerms, _ ephemeral: Ephemeral) {
    self.subject = subject
    protection = terms.protection.rawValue
    (job, nonce, publicKey) = (terms.job, ephemeral.nonce, ephemeral.publicKey)
  }

  /// Why bytes are not a greeting of this program.
  enum Fault: Error { case alien, version }

  init(decoding message: [UInt8]) throws(Fault) {
    var reader = ByteReader(message)
    guard (try? reader.read(UInt32.self)) == Self.magic else { throw .alien }
    guard (try? reader.read(UInt16.self)) == PeerInfo.version else { throw .version }
    guard let code = try? reader.read(UInt8.self), let kind = HandshakeSubject.Kind(rawValue: code),
      let protection = try? reader.read(UInt8.self), let epoch = try? reader.read(UInt32.self),
      let source = try? reader.read(UInt16.self), let destination = try? reader.read(UInt16.self),
      let job = try? reader.take(32), let nonce = try? reader.take(32), let publicKey = try? reader.take(32)
    else { throw .alien }
    subject = HandshakeSubject(source: Int(source), destination: Int(destination), epoch: epoch, kind: kind)
    self.protection = protection
    (self.job, self.nonce, self.publicKey) = (job, nonce, publicKey)
  }
}
