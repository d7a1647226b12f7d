import Transport

extension RecordWire {
  /// A connection whose records are sealed with keys of its handshake.
  package convenience init(_ socket: Socket, keys: SessionKeys, isClient: Bool, isEncrypted: Bool) {
    let purpose = isEncrypted ? "encrypted records" : "authenticated records"
    self.init(
      socket, sendKey: keys.key(for: purpose, fromClient: isClient),
      receiveKey: keys.key(for: purpose, fromClient: !isClient), isEncrypted: isEncrypted)
  }
}

extension Connection {
  /// The connection as the engine's driver uses it.
  func wire(rank: Int) -> any Wire {
    if protection == .checksum { return socket }
    return RecordWire(socket, keys: keys, isClient: subject.source == rank, isEncrypted: protection == .encrypted)
  }
}
