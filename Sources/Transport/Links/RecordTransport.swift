import Crypto
import Foundation

/// A connection whose bytes go in records that cannot be changed, dropped, repeated or reordered, and read by nobody else if they
/// are encrypted: AES-256-GCM, a key for each direction, a counter as nonce.
///
///     record   length of the rest u32 | body, up to 52,448 bytes | tag [16]        the tag covers the length and the body
///
/// The body is the ciphertext, or the bytes themselves as data that the tag covers too. Nothing of a record is handed on before its
/// tag has been checked.
///
/// Unchecked Sendable: used only by the thread that holds the communicator's lock.
package final class RecordTransport: ByteTransport, @unchecked Sendable {
  /// Bytes of plaintext in a record, at most: a fifth of a long frame. Its ciphertext and what comes of it stay in the cache and
  /// below the sizes for which an allocator asks the system.
  package static let recordBytes = 52_448
  private static let (lengthBytes, tagBytes, nonceBytes) = (4, 16, 12)
  /// Where a record begins among the bytes that come: its body is where a nonce in front of it would end.
  private static let lengthOffset = nonceBytes - lengthBytes

  private let lower: any ByteTransport
  private let isEncrypted: Bool
  private let sendKey: SymmetricKey
  private let receiveKey: SymmetricKey
  private var sent: UInt64 = 0
  private var received: UInt64 = 0
  /// A record under way: length, plaintext, and its tag if it is not encrypted.
  private let outgoing = UnsafeMutableRawBufferPointer.allocate(
    byteCount: lengthBytes + recordBytes + tagBytes, alignment: 64)
  /// Its nonce, ciphertext and tag, if it is.
  private var sealed = Data()
  /// How many of its bytes are gone, of how many, and how much plaintext it holds.
  private var gone = 0
  private var total = 0
  private var taken = 0
  /// The record that comes, and the length of the next. Once it is there, its nonce takes the place in front of its body.
  private let incoming = UnsafeMutableRawBufferPointer.allocate(
    byteCount: nonceBytes + recordBytes + tagBytes + lengthBytes, alignment: 64)
  private var filled = 0
  /// Where the record ends that is being handed on; 0 if there is none.
  private var openedEnd = 0
  /// Plaintext that came, and how much of it was handed on.
  private var opened = Data()
  private var plainCount = 0
  private var handedOn = 0

  /// - Parameters:
  ///   - lower: what carries the records.
  ///   - sendKey: 256 bits for what this end sends, known to the two ends alone; never used for anything else.
  ///   - receiveKey: the other end's key.
  package init(over lower: any ByteTransport, sendKey: SymmetricKey, receiveKey: SymmetricKey, isEncrypted: Bool) {
    self.lower = lower
    self.isEncrypted = isEncrypted
    self.sendKey = sendKey
    self.receiveKey = receiveKey
  }

  deinit {
    outgoing.deallocate()
    incoming.deallocate()
  }

  package var descriptor: Int32 { lower.descriptor }
  package func shutDown() { lower.shutDown() }

  private static func nonce(_ number: UInt64) throws -> AES.GCM.Nonce {
    try withUnsafeTemporaryAllocation(byteCount: nonceBytes, alignment: 8) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      bytes.storeBytes(of: number.littleEndian, toByteOffset: 4, as: UInt64.self)
      return try AES.GCM.Nonce(data: UnsafeRawBufferPointer(bytes))
    }
  }

  // MARK: Out

  /// Plaintext counts as sent when its whole record is.
  package func send(_ window: SendWindow) -> Transfer {
    if taken == 0 { seal(window) }
    while gone < total {
      let result = sendRest()
      guard case .moved(let count) = result else { return result }
      gone += count
    }
    defer { taken = 0 }
    return .moved(taken)
  }

  private func sendRest() -> Transfer {
    guard isEncrypted else {
      return lower.send(SendWindow(header: UnsafeRawBufferPointer(rebasing: outgoing[gone..<total])))
    }
    return sealed.withUnsafeBytes { all in
      let body = Self.nonceBytes + max(0, gone - Self.lengthBytes)
      return lower.send(
        SendWindow(
          header: UnsafeRawBufferPointer(rebasing: outgoing[min(gone, Self.lengthBytes)..<Self.lengthBytes]),
          payload: UnsafeRawBufferPointer(rebasing: all[body...])))
    }
  }

  private func seal(_ window: SendWindow) {
    var end = Self.lengthBytes
    for buffer in [window.header, window.payload] + window.behind {
      let count = min(buffer.count, Self.lengthBytes + Self.recordBytes - end)
      UnsafeMutableRawBufferPointer(rebasing: outgoing[end..<end + count]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      end += count
    }
    taken = end - Self.lengthBytes
    (gone, total) = (0, end + Self.tagBytes)
    outgoing.storeBytes(of: UInt32(taken + Self.tagBytes).littleEndian, as: UInt32.self)
    let all = UnsafeRawBufferPointer(outgoing)
    do {
      if isEncrypted {
        let box = try AES.GCM.seal(
          UnsafeRawBufferPointer(rebasing: all[Self.lengthBytes..<end]), using: sendKey, nonce: Self.nonce(sent),
          authenticating: UnsafeRawBufferPointer(rebasing: all[..<Self.lengthBytes]))
        sealed = box.combined!
      } else {
        let box = try AES.GCM.seal(
          Data(), using: sendKey, nonce: Self.nonce(sent), authenticating: UnsafeRawBufferPointer(rebasing: all[..<end])
        )
        box.tag.withUnsafeBytes { outgoing[end...].copyBytes(from: $0) }
      }
    } catch {
      preconditionFailure("a record of \(taken) bytes cannot be sealed: \(error)")
    }
    sent += 1
  }

  // MARK: In

  package func receive(_ window: UnsafeMutableRawBufferPointer) -> Transfer {
    while handedOn == plainCount {
      dropRecord()
      let wanted = filled < Self.lengthBytes ? Self.lengthBytes : recordEnd + Self.lengthBytes
      let start = Self.lengthOffset
      let result = lower.receive(UnsafeMutableRawBufferPointer(rebasing: incoming[start + filled..<start + wanted]))
      guard case .moved(let count) = result else { return result }
      filled += count
      if filled >= Self.lengthBytes, !isPlausible { return .ended(.spoiled("a record of \(recordLength) bytes")) }
      if filled >= Self.lengthBytes, filled >= recordEnd, !open() {
        return .ended(.spoiled("a record that is not genuine"))
      }
    }
    let count = min(window.count, plainCount - handedOn)
    if isEncrypted {
      opened.withUnsafeBytes {
        window.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[handedOn..<handedOn + count]))
      }
    } else {
      let start = Self.nonceBytes + handedOn
      window.copyMemory(from: UnsafeRawBufferPointer(rebasing: incoming[start..<start + count]))
    }
    handedOn += count
    return .moved(count)
  }

  private var recordLength: Int {
    Int(UInt32(littleEndian: incoming.loadUnaligned(fromByteOffset: Self.lengthOffset, as: UInt32.self)))
  }

  /// Where the record ends whose length has come.
  private var recordEnd: Int { Self.lengthBytes + recordLength }

  private var isPlausible: Bool { Self.tagBytes + 1...Self.recordBytes + Self.tagBytes ~= recordLength }

  /// Makes room behind a record that was handed on whole; the length of the next may have come with it.
  private func dropRecord() {
    guard openedEnd > 0 else { return }
    let rest = UnsafeRawBufferPointer(rebasing: incoming[Self.lengthOffset + openedEnd..<Self.lengthOffset + filled])
    UnsafeMutableRawBufferPointer(rebasing: incoming[Self.lengthOffset...]).copyMemory(from: rest)
    filled -= openedEnd
    (openedEnd, plainCount, handedOn) = (0, 0, 0)
  }

  /// Checks the record that has come, and decrypts it if it is encrypted.
  private func open() -> Bool {
    let (start, end) = (Self.nonceBytes, Self.lengthOffset + recordEnd)
    let all = UnsafeRawBufferPointer(incoming)
    do {
      let nonce = try Self.nonce(received)
      if isEncrypted {
        let length = Array(all[Self.lengthOffset..<start])
        nonce.withUnsafeBytes { incoming.copyMemory(from: $0) }
        let record = Data(bytesNoCopy: incoming.baseAddress!, count: end, deallocator: .none)
        openedEnd = end - Self.lengthOffset
        opened = try AES.GCM.open(AES.GCM.SealedBox(combined: record), using: receiveKey, authenticating: length)
        plainCount = opened.count
      } else {
        let tag = Data(all[(end - Self.tagBytes)..<end])
        let box = try AES.GCM.SealedBox(nonce: nonce, ciphertext: Data(), tag: tag)
        let covered = UnsafeRawBufferPointer(rebasing: all[Self.lengthOffset..<end - Self.tagBytes])
        _ = try AES.GCM.open(box, using: receiveKey, authenticating: covered)
        openedEnd = end - Self.lengthOffset
        plainCount = end - Self.tagBytes - start
      }
    } catch {
      return false
    }
    received += 1
    return true
  }
}
