import Crypto
import Foundation

/// A connection whose bytes are encrypted and authenticated: AES-256-GCM, a key for each direction, a counter as nonce.
///
///     record   length of the rest u32 | ciphertext | tag [16]        the length is authenticated too
///
/// Records cannot be dropped, repeated or put in another order: the counter would not fit.
///
/// Unchecked Sendable: used only by the thread that holds the communicator's lock.
package final class EncryptedWire: Wire, @unchecked Sendable {
  /// Bytes of plaintext in a record, at most.
  package static let recordBytes = 64 << 10
  private static let (lengthBytes, tagBytes) = (4, 16)

  private let socket: Socket
  private let sendKey: SymmetricKey
  private let receiveKey: SymmetricKey
  private var sent: UInt64 = 0
  private var received: UInt64 = 0
  /// A record under way: its bytes, how many are gone, and how much plaintext it holds.
  private var outgoing: [UInt8] = []
  private var gone = 0
  private var taken = 0
  private let staging = UnsafeMutableRawBufferPointer.allocate(byteCount: recordBytes, alignment: 64)
  /// A record that comes, and how much of it has.
  private let incoming = UnsafeMutableRawBufferPointer.allocate(
    byteCount: lengthBytes + recordBytes + tagBytes, alignment: 64)
  private var filled = 0
  /// Plaintext that came, and how much of it was handed on.
  private var plain = Data()
  private var handedOn = 0

  package init(_ socket: Socket, keys: SessionKeys, isClient: Bool) {
    self.socket = socket
    sendKey = keys.key(for: "stream", fromClient: isClient)
    receiveKey = keys.key(for: "stream", fromClient: !isClient)
  }

  deinit {
    staging.deallocate()
    incoming.deallocate()
  }

  package var descriptor: Int32 { socket.descriptor }
  package func shutDown() { socket.shutDown() }
  package func tamper(_ how: Tampering.Bytes) { socket.tamper(how) }

  // MARK: Out

  /// Plaintext counts as sent when its whole record is.
  package func send(_ window: SendWindow) -> Transfer {
    if taken == 0 { seal(window) }
    while gone < outgoing.count {
      let result = outgoing.withUnsafeBytes { all in
        socket.send(SendWindow(header: UnsafeRawBufferPointer(rebasing: all[gone...])))
      }
      guard case .moved(let count) = result else { return result }
      gone += count
    }
    defer { taken = 0 }
    return .moved(taken)
  }

  private func seal(_ window: SendWindow) {
    let first = min(window.header.count, Self.recordBytes)
    let second = min(window.payload.count, Self.recordBytes - first)
    staging.copyMemory(from: UnsafeRawBufferPointer(rebasing: window.header[..<first]))
    UnsafeMutableRawBufferPointer(rebasing: staging[first...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: window.payload[..<second]))
    (taken, gone) = (first + second, 0)
    let length = withUnsafeBytes(of: UInt32(taken + Self.tagBytes).littleEndian) { Array($0) }
    do {
      let box = try AES.GCM.seal(
        UnsafeRawBufferPointer(rebasing: staging[..<taken]), using: sendKey, nonce: Self.nonce(sent),
        authenticating: length)
      outgoing = length + box.ciphertext + box.tag
    } catch {
      preconditionFailure("a record of \(taken) bytes cannot be sealed: \(error)")
    }
    sent += 1
  }

  private static func nonce(_ number: UInt64) throws -> AES.GCM.Nonce {
    try AES.GCM.Nonce(data: [0, 0, 0, 0] + withUnsafeBytes(of: number.littleEndian) { Array($0) })
  }

  // MARK: In

  package func receive(_ window: UnsafeMutableRawBufferPointer) -> Transfer {
    while handedOn == plain.count {
      let wanted = filled < Self.lengthBytes ? Self.lengthBytes : Self.lengthBytes + recordLength
      let result = socket.receive(UnsafeMutableRawBufferPointer(rebasing: incoming[filled..<wanted]))
      guard case .moved(let count) = result else { return result }
      filled += count
      if filled == Self.lengthBytes, !(Self.tagBytes + 1...Self.recordBytes + Self.tagBytes ~= recordLength) {
        return .ended(.spoiled("a record of \(recordLength) bytes"))
      }
      if filled == wanted, wanted > Self.lengthBytes, !open(recordLength) {
        return .ended(.spoiled("a record that is not genuine"))
      }
    }
    let count = min(window.count, plain.count - handedOn)
    plain.withUnsafeBytes { all in
      window.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[handedOn..<handedOn + count]))
    }
    handedOn += count
    return .moved(count)
  }

  private var recordLength: Int { Int(UInt32(littleEndian: incoming.loadUnaligned(as: UInt32.self))) }

  private func open(_ length: Int) -> Bool {
    let body = UnsafeRawBufferPointer(rebasing: incoming[Self.lengthBytes..<Self.lengthBytes + length])
    let ciphertext = UnsafeRawBufferPointer(rebasing: body[..<(length - Self.tagBytes)])
    let tag = UnsafeRawBufferPointer(rebasing: body[(length - Self.tagBytes)...])
    guard let nonce = try? Self.nonce(received),
      let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: ciphertext, tag: tag),
      let opened = try? AES.GCM.open(
        box, using: receiveKey, authenticating: UnsafeRawBufferPointer(rebasing: incoming[..<Self.lengthBytes]))
    else { return false }
    received += 1
    (plain, handedOn, filled) = (opened, 0, 0)
    return true
  }
}

extension Connection {
  /// The connection as the engine's driver uses it.
  func wire(isEncrypted: Bool, rank: Int) -> any Wire {
    isEncrypted ? EncryptedWire(socket, keys: keys, isClient: subject.source == rank) : socket
  }
}
