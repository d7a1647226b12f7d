import Transport

extension RecordTransport {
  /// A connection whose records are sealed with keys of its handshake.
  package convenience init(over lower: any ByteTransport, keys: SessionKeys, isClient: Bool, isEncrypted: Bool) {
    let purpose = isEncrypted ? "encrypted records" : "authenticated records"
    self.init(
      over: lower, sendKey: keys.key(for: purpose, fromClient: isClient),
      receiveKey: keys.key(for: purpose, fromClient: !isClient), isEncrypted: isEncrypted)
  }
}

extension Connection {
  /// The connection as the engine's driver uses it.
  /// - Parameter lower: what carries the bytes: the socket, or something around it.
  func transport(rank: Int, over lower: any ByteTransport) -> any ByteTransport {
    if protection == .checksum { return lower }
    return RecordTransport(
      over: lower, keys: keys, isClient: subject.source == rank, isEncrypted: protection == .encrypted)
  }
}
