import Transport

extension RecordWire {
  /// A connection whose records are sealed with keys of its handshake.
  package convenience init(over lower: any Wire, keys: SessionKeys, isClient: Bool, isEncrypted: Bool) {
    let purpose = isEncrypted ? "encrypted records" : "authenticated records"
    self.init(
      over: lower, sendKey: keys.key(for: purpose, fromClient: isClient),
      receiveKey: keys.key(for: purpose, fromClient: !isClient), isEncrypted: isEncrypted)
  }
}

extension Connection {
  /// The connection as the engine's driver uses it.
  /// - Parameter lower: what carries the bytes: the socket, or something around it.
  func wire(rank: Int, over lower: any Wire) -> any Wire {
    if protection == .checksum { return lower }
    return RecordWire(
      over: lower, keys: keys, isClient: subject.source == rank, isEncrypted: protection == .encrypted)
  }
}
